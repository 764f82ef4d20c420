import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { LANGUAGES, language, languageFor, say, translated } from "../../words";
import { type EditorContext, useEditor, useSnapshot } from "../context";
import { LAYOUTS, type Layout } from "../layouts";
import { KeySettings } from "./KeySettings";
import { Modal } from "./Modal";

/** The page's language in words, for the choice that follows it. */
function pageLanguage(): string {
  return LANGUAGES[languageFor(document.documentElement.lang)];
}

function Language() {
  const { settings } = useEditor();
  const chosen = settings.values.language;
  const wanted = languageFor(chosen || document.documentElement.lang);
  return (
    <div className="tl-settings__line">
      <label htmlFor="tl-language">{say("Language")}</label>
      <select
        id="tl-language"
        className="tl-field"
        value={chosen}
        onChange={(event) => settings.change({ language: event.target.value })}
      >
        <option value="">{say("As the page: {language}", { language: pageLanguage() })}</option>
        {Object.entries(LANGUAGES).map(([id, name]) => (
          <option key={id} value={id} lang={id}>
            {name}
          </option>
        ))}
      </select>
      {wanted !== language() && (
        <button type="button" className="tl-button" onClick={() => void loadAnew(settings)}>
          {say("Load the page again")}
        </button>
      )}
    </div>
  );
}

async function loadAnew(settings: EditorContext["settings"]): Promise<void> {
  await settings.send();
  location.reload();
}

function KeyboardLayout() {
  const { settings } = useEditor();
  const { layout } = settings.values;
  const found = translated(LAYOUTS[settings.layout]);
  return (
    <div className="tl-settings__line">
      <label htmlFor="tl-layout">{say("Keyboard")}</label>
      <select
        id="tl-layout"
        className="tl-field"
        value={layout}
        onChange={(event) => settings.change({ layout: event.target.value as Layout | "" })}
      >
        <option value="">
          {layout ? say("As it is found") : say("As it is found: {layout}", { layout: found })}
        </option>
        {Object.entries(LAYOUTS).map(([id, name]) => (
          <option key={id} value={id}>
            {translated(name)}
          </option>
        ))}
      </select>
    </div>
  );
}

function SingleKeys() {
  const { settings } = useEditor();
  return (
    <label className="tl-settings__switch">
      <input
        type="checkbox"
        checked={settings.values.single_keys}
        onChange={(event) => settings.change({ single_keys: event.target.checked })}
      />
      {say("Single letters and digits are commands")}
    </label>
  );
}

/** Where the settings are now: nobody should wonder whether they will be there tomorrow. */
function Whereabouts() {
  const { saved, problem } = useEditor().settings.state;
  if (problem !== null) {
    return (
      <p className="tl-settings__state tl-settings__state--error" role="alert">
        {say("Not saved: {problem}", { problem })}
      </p>
    );
  }
  return (
    <p className="tl-settings__state" role="status">
      {saved
        ? say("Saved for you, on whatever machine you sign in.")
        : say("Kept in this browser; it goes to the server as soon as that can be reached.")}
    </p>
  );
}

/** Language, keyboard, and the keys of every command. */
export function SettingsDialog() {
  const { settings } = useEditor();
  useSnapshot();
  const [sure, setSure] = useState(false);
  const own = settings.values.keys;
  const reset = () => {
    const none = Object.fromEntries(Object.keys(own).map((id) => [id, null]));
    settings.change({ keys: none });
    setSure(false);
  };
  return (
    <Modal title={say("Settings")} className="tl-settings">
      <Language />
      <KeyboardLayout />
      <SingleKeys />
      <KeySettings />
      <div className="tl-settings__foot">
        <Whereabouts />
        {Object.keys(own).length > 0 && (
          <button
            type="button"
            className="tl-button"
            onClick={sure ? reset : () => setSure(true)}
            onBlur={() => setSure(false)}
          >
            <RotateCcw size={15} aria-hidden="true" />
            {sure ? say("Yes, all keys as they came") : say("All keys as they came")}
          </button>
        )}
      </div>
    </Modal>
  );
}
