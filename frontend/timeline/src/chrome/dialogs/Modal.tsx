import { X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import { say } from "../../words";
import { Announcer } from "../Announcer";
import { focusStage, useEditor } from "../context";

/** A dialog over the editor. Escape, the cross and the backdrop close it and lead back to the stage. */
export function Modal(props: {
  title: string;
  className?: string;
  children: ReactNode;
  tools?: ReactNode;
  /** Has the focus at first; the first field when not given. */
  first?: RefObject<HTMLElement | null>;
}) {
  const { session } = useEditor();
  const { first } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    dialog.current?.showModal();
    const start = first?.current ?? dialog.current?.querySelector("input");
    start?.focus({ preventScroll: true });
    return () => {
      // What closed it by itself could not yet lead back: under a dialog nothing takes the focus.
      if (document.activeElement === document.body) focusStage();
    };
  }, [first]);
  const close = () => session.openDialog(null);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes every dialog; this is the backdrop.
    <dialog
      ref={dialog}
      className={`tl-dialog ${props.className ?? ""}`}
      aria-labelledby={title}
      onCancel={(event) => {
        // At once: the browser tells of a closed dialog only later, and keys pressed until then
        // would still be the dialog's.
        event.preventDefault();
        close();
      }}
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="tl-dialog__head">
        <h2 id={title}>{props.title}</h2>
        {props.tools}
        <button
          type="button"
          className="tl-button tl-button--icon tl-button--quiet"
          aria-label={say("Close")}
          onClick={close}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      {props.children}
      <Announcer inDialog />
    </dialog>
  );
}
