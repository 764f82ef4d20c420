import { Info, TriangleAlert, X } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { language, say } from "../words";
import { Announcer } from "./Announcer";
import { CameraBar } from "./CameraBar";
import { Comments } from "./Comments";
import { Conflicts } from "./Conflicts";
import { Editing, type EditorContext, useEditor, useSnapshot } from "./context";
import { Dialogs } from "./Dialogs";
import { Header } from "./Header";
import { Inspector } from "./Inspector";
import { LabelList } from "./LabelList";
import { LaneTools } from "./LaneTools";
import { MarkBar } from "./MarkBar";
import { Outcome } from "./OutcomePanel";
import { Checks } from "./Panels";
import { Rework } from "./Rework";
import type { StagePlaces } from "./stageview";
import { Values } from "./Values";
import { Workbench } from "./Workbench";

function NoticeBar() {
  const { session } = useEditor();
  const { notice } = useSnapshot();
  if (!notice) return null;
  const error = notice.tone === "error";
  const Icon = error ? TriangleAlert : Info;
  return (
    <div className={`tl-notice tl-notice--${notice.tone}`} role={error ? "alert" : "status"}>
      <Icon size={16} aria-hidden="true" />
      <p>
        {notice.text} {notice.remedy && <span className="tl-notice__remedy">{notice.remedy}</span>}
      </p>
      {notice.actions?.map((action) => (
        <button key={action.name} type="button" className="tl-button" onClick={action.run}>
          {action.name}
        </button>
      ))}
      <button
        type="button"
        className="tl-button tl-button--icon tl-button--quiet"
        aria-label={say("Dismiss")}
        onClick={() => session.notify(null)}
      >
        <X size={15} aria-hidden="true" />
      </button>
    </div>
  );
}

function Returned() {
  const { returned } = useEditor().session.payload;
  if (!returned) return null;
  return (
    <div className="tl-notice tl-notice--info">
      <Info size={16} aria-hidden="true" />
      <p>
        {say("Returned by {name}: {comment}", { name: returned.by, comment: returned.comment })}
      </p>
    </div>
  );
}

type Mount = (places: StagePlaces) => () => void;

/** The canvases' places. Rendered once: React never touches what the stage puts there. */
const Stage = memo(function Stage({ mount }: { mount: Mount }) {
  const cameras = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const lanes = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!cameras.current || !strip.current || !lanes.current) return undefined;
    const places = { cameras: cameras.current, strip: strip.current, lanes: lanes.current };
    return mount(places);
  }, [mount]);
  return (
    <>
      <section className="tl-views" aria-label={say("Cameras")}>
        <div ref={cameras} className="tl-cameras" />
        <CameraBar />
        <div ref={strip} className="tl-strip" />
      </section>
      <section className="tl-timeline" aria-label={say("Timeline")}>
        <MarkBar />
        <div className="tl-lanesplace">
          <div ref={lanes} className="tl-lanes" />
          <LaneTools />
        </div>
      </section>
    </>
  );
});

export function Editor(props: { editor: EditorContext; mount: Mount }) {
  const { mode } = props.editor.session.payload;
  return (
    <Editing.Provider value={props.editor}>
      <div className="tl-editor" data-mode={mode} lang={language()}>
        <Header />
        <Returned />
        <NoticeBar />
        <div className="tl-work">
          <Stage mount={props.mount} />
          <aside className="tl-side" aria-label={say("Labels and checks")}>
            <Conflicts />
            <Rework />
            <Workbench />
            <Comments />
            <LabelList />
            <Outcome />
            <Inspector />
            <Checks />
            <Values />
          </aside>
        </div>
        <Announcer />
        <Dialogs />
      </div>
    </Editing.Provider>
  );
}
