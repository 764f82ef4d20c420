import {
  Crosshair,
  Grid2x2,
  Minus,
  PanelsTopLeft,
  Plus,
  SlidersHorizontal,
  ZoomOut,
} from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { lookOf } from "../stage/cameralayout";
import type { CameraStage, CameraState } from "../stage/cameras";
import { rowsOf, toggledRow } from "../stage/stripchoice";
import { say } from "../words";
import { focusStage, useEditor, useSnapshot } from "./context";
import { PictureSettings } from "./PictureSettings";
import { CommandButton } from "./pieces";

const NEVER = () => () => {};

/** What there is to know of the cameras; null until they are on the page. */
export function useCameras(): { cameras: CameraStage; state: CameraState } | null {
  const { session } = useEditor();
  useSnapshot();
  const cameras = session.stage.view?.cameras ?? null;
  const state = useSyncExternalStore(
    cameras?.subscribe ?? NEVER,
    () => cameras?.snapshot() ?? null,
  );
  return cameras && state ? { cameras, state } : null;
}

/** Which cameras the strip shows, a row each. */
function StripRows({ cameras, state }: { cameras: CameraStage; state: CameraState }) {
  const { layout } = state;
  const rows = rowsOf(layout.strip, layout.order, layout.large);
  if (layout.order.length < 2) return null;
  return (
    <fieldset
      className="tl-group tl-camerabar__rows"
      aria-label={say("Cameras in the contact strip")}
    >
      {layout.order.map((name) => (
        <button
          key={name}
          type="button"
          className="tl-chip"
          aria-pressed={rows.includes(name)}
          onClick={(event) => {
            const chosen = toggledRow(layout.strip, name, layout.order, layout.large);
            cameras.change({ ...layout, strip: { ...layout.strip, cameras: chosen } });
            if (event.detail > 0) focusStage();
          }}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** Between the cameras and the strip: their layout, the light of a picture, the reach of the strip. */
export function CameraBar() {
  const found = useCameras();
  const { editable } = useSnapshot();
  const [open, setOpen] = useState(false);
  if (!found) return <div className="tl-camerabar" />;
  const { cameras, state } = found;
  const { layout, picking } = state;
  const { zoom } = lookOf(layout, layout.large).view;
  const many = layout.order.length > 1;
  return (
    <div className="tl-camerabar">
      {many && (
        <CommandButton
          id="camera.layout"
          icon={layout.mode === "grid" ? PanelsTopLeft : Grid2x2}
          className="tl-button--quiet"
        />
      )}
      <button
        type="button"
        className="tl-button tl-button--quiet"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <SlidersHorizontal size={15} aria-hidden="true" />
        {say("Picture")}
      </button>
      {editable && (
        <CommandButton
          id="mark.point"
          icon={Crosshair}
          className={`tl-button--quiet ${picking ? "tl-button--on" : ""}`}
        />
      )}
      {zoom > 1 && (
        <CommandButton
          id="picture.whole"
          icon={ZoomOut}
          text={`${zoom.toFixed(1)}×`}
          className="tl-button--quiet"
        />
      )}
      {picking && (
        <span className="tl-camerabar__hint" role="status">
          {say("Click the contact in any picture; Esc ends")}
        </span>
      )}
      <span className="tl-camerabar__gap" />
      <StripRows cameras={cameras} state={state} />
      <CommandButton id="strip.narrower" icon={Minus} className="tl-button--quiet" />
      <span className="tl-camerabar__reach" title={say("Frames on either side of the playhead")}>
        ±{layout.strip.radius}
      </span>
      <CommandButton id="strip.wider" icon={Plus} className="tl-button--quiet" />
      {open && (
        <PictureSettings
          cameras={cameras}
          state={state}
          onClose={() => {
            setOpen(false);
            focusStage();
          }}
        />
      )}
    </div>
  );
}
