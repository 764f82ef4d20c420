import { X } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { DEPTH_MAPS, type DepthRange, depthRange } from "../decode/depthcolour";
import { LIGHT, lookOf } from "../stage/cameralayout";
import type { CameraStage, CameraState } from "../stage/cameras";
import type { CameraView } from "../stage/cameraview";
import { CLOSEST } from "../stage/pictureview";
import { say, translated } from "../words";

function Slider(props: {
  name: string;
  value: number;
  least: number;
  most: number;
  text: string;
  onChange: (value: number) => void;
}) {
  const id = useId();
  // Even steps to the eye: twice as bright is as far from the middle as half.
  return (
    <div className="tl-setting">
      <label htmlFor={id}>{props.name}</label>
      <input
        id={id}
        type="range"
        min={Math.log2(props.least)}
        max={Math.log2(props.most)}
        step={0.05}
        value={Math.log2(props.value)}
        aria-valuetext={props.text}
        onChange={(event) => props.onChange(2 ** Number(event.target.value))}
      />
      <output>{props.text}</output>
    </div>
  );
}

/** The range that counts where none was chosen: the recording's, or that of the picture. */
function useUsualRange(view: CameraView): DepthRange | null {
  const known = view.frames?.depth?.range ?? null;
  const [found, setFound] = useState<DepthRange | null>(null);
  useEffect(() => {
    let gone = false;
    setFound(null);
    if (known) return undefined;
    void view.depthShown().then((picture) => {
      if (!gone && picture) setFound(depthRange(picture.values));
    });
    return () => {
      gone = true;
    };
  }, [view, known]);
  return known ?? found;
}

function Bound(props: {
  name: string;
  value: number;
  unit: string;
  onChange: (v: number) => void;
}) {
  const id = useId();
  return (
    <div className="tl-setting">
      <label htmlFor={id}>{props.name}</label>
      <input
        id={id}
        className="tl-field"
        type="number"
        min={0}
        step="any"
        value={props.value}
        onChange={(event) => {
          const value = event.target.valueAsNumber;
          if (Number.isFinite(value)) props.onChange(value);
        }}
      />
      <output>{props.unit}</output>
    </div>
  );
}

/** The colours of a depth camera, and the values between which they lie. */
function Depth({ cameras, view }: { cameras: CameraStage; view: CameraView }) {
  const id = useId();
  const usual = useUsualRange(view);
  const { map, range } = view.look.depth;
  const unit = view.frames?.depth?.unitM ?? null;
  const [near, far] = range ?? usual ?? [0, 0];
  const shown = (value: number) => (unit === null ? value : Number((value * unit).toFixed(3)));
  const change = (bounds: DepthRange) => {
    if (bounds[1] > bounds[0] && bounds[0] >= 0) cameras.looking.colour(view, { range: bounds });
  };
  const units = (value: number) => (unit === null ? value : value / unit);
  const name = unit === null ? "" : "m";
  return (
    <>
      <div className="tl-setting">
        <label htmlFor={id}>{say("Depth colours")}</label>
        <select
          id={id}
          className="tl-field"
          value={map}
          onChange={(event) => {
            const chosen = DEPTH_MAPS.find((each) => each.id === event.target.value);
            if (chosen) cameras.looking.colour(view, { map: chosen.id });
          }}
        >
          <optgroup label={say("For every colour vision")}>
            {DEPTH_MAPS.filter((each) => each.safe).map((each) => (
              <option key={each.id} value={each.id}>
                {translated(each.name)}
              </option>
            ))}
          </optgroup>
          <optgroup label={say("Not for every colour vision")}>
            {DEPTH_MAPS.filter((each) => !each.safe).map((each) => (
              <option key={each.id} value={each.id}>
                {translated(each.name)}
              </option>
            ))}
          </optgroup>
        </select>
      </div>
      <Bound
        name={say("Near")}
        value={shown(near)}
        unit={name}
        onChange={(v) => change([units(v), far])}
      />
      <Bound
        name={say("Far")}
        value={shown(far)}
        unit={name}
        onChange={(v) => change([near, units(v)])}
      />
      <div className="tl-setting__buttons">
        <button
          type="button"
          className="tl-button"
          onClick={() => void cameras.looking.spread(view)}
        >
          {say("Auto: as seen")}
        </button>
        <button
          type="button"
          className="tl-button"
          disabled={range === null}
          onClick={() => cameras.looking.colour(view, { range: null })}
        >
          {say("Auto: recording")}
        </button>
      </div>
    </>
  );
}

/** How one camera's picture is shown; kept for the episodes to come. */
export function PictureSettings(props: {
  cameras: CameraStage;
  state: CameraState;
  onClose: () => void;
}) {
  const { cameras, state, onClose } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const name = chosen ?? state.layout.large;
  const view = cameras.view(name);
  if (!view) return null;
  const look = lookOf(state.layout, name);
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return (
    <section
      className="tl-picturesettings"
      aria-label={say("Picture")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className="tl-setting">
        <label htmlFor={id}>{say("Camera")}</label>
        <select
          id={id}
          className="tl-field"
          value={name}
          onChange={(event) => setChosen(event.target.value)}
        >
          {state.layout.order.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button
          type="button"
          className="tl-button tl-button--icon tl-button--quiet"
          aria-label={say("Close")}
          onClick={onClose}
        >
          <X size={15} aria-hidden="true" />
        </button>
      </div>
      <Slider
        name={say("Zoom")}
        value={look.view.zoom}
        least={1}
        most={CLOSEST}
        text={`${look.view.zoom.toFixed(1)}×`}
        onChange={(zoom) => cameras.looking.zoom(view, zoom / look.view.zoom)}
      />
      <Slider
        name={say("Brightness")}
        value={look.brightness}
        least={LIGHT.least}
        most={LIGHT.most}
        text={percent(look.brightness)}
        onChange={(brightness) => cameras.looking.lighten(view, brightness / look.brightness, 1)}
      />
      <Slider
        name={say("Contrast")}
        value={look.contrast}
        least={LIGHT.least}
        most={LIGHT.most}
        text={percent(look.contrast)}
        onChange={(contrast) => cameras.looking.lighten(view, 1, contrast / look.contrast)}
      />
      {view.frames?.depth && <Depth cameras={cameras} view={view} />}
      <div className="tl-setting__buttons">
        <button
          type="button"
          className="tl-button"
          onClick={() => cameras.looking.asRecorded(view)}
        >
          {say("As recorded")}
        </button>
      </div>
    </section>
  );
}
