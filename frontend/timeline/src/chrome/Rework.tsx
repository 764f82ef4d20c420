import { ListChecks } from "lucide-react";
import { useEffect, useRef } from "react";
import { formatSeconds } from "../model/time";
import { say } from "../words";
import { showPoint } from "./commands/review";
import { useEditor, useSnapshot } from "./context";
import { CommandButton } from "./pieces";

/** What the reviewer found, as the list that the rework goes through. */
export function Rework() {
  const { session } = useEditor();
  const { point } = useSnapshot();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[point]?.scrollIntoView({ block: "nearest" });
  }, [point]);
  const points = session.payload.returned?.points ?? [];
  if (points.length === 0) return null;
  return (
    <section className="tl-panel tl-checks tl-rework" aria-labelledby="tl-rework-title">
      <h2 id="tl-rework-title">
        {say("To look at again")} <span className="tl-count">{points.length}</span>
        <span className="tl-panel__tools">
          <CommandButton id="rework.next" icon={ListChecks} className="tl-button--quiet" />
        </span>
      </h2>
      <ul ref={list}>
        {points.map((each, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes while it is shown.
          <li key={i}>
            <button
              type="button"
              className="tl-finding"
              aria-current={i === point}
              onClick={() => showPoint(session, i)}
            >
              <span className="tl-row__time">
                {each.at_ns === null ? "" : formatSeconds(each.at_ns)}
              </span>
              <span>
                {each.text} {each.comment && <em>{each.comment}</em>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
