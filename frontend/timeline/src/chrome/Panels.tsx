import {
  ArrowLeftRight,
  ChevronDown,
  ChevronUp,
  CircleAlert,
  CircleCheck,
  TriangleAlert,
} from "lucide-react";
import { useEffect, useRef } from "react";
import { errorsOf } from "../model/findings";
import { formatSeconds } from "../model/time";
import { reworded, say, sayCount } from "../words";
import { showDifference } from "./commands/review";
import { useEditor, useSnapshot } from "./context";
import { CommandButton } from "./pieces";

// Nobody reads further; a wall of advice would only slow every key press down.
const MOST_FINDINGS = 40;

/** What the rules find, quietly, with a way to each. */
export function Checks() {
  const { session } = useEditor();
  const { findings, editable } = useSnapshot();
  if (!editable) return null;
  const errors = errorsOf(findings).length;
  const title =
    errors === 0
      ? say("Checks: ready to submit")
      : sayCount(
          errors,
          "Checks: {count} left before submit",
          "Checks: {count} left before submit",
        );
  return (
    <section className="tl-panel tl-checks" aria-labelledby="tl-checks-title">
      <h2 id="tl-checks-title">
        {errors === 0 && <CircleCheck size={15} aria-hidden="true" className="tl-ok" />}
        {title}
      </h2>
      {findings.length > 0 && (
        <ul>
          {findings.slice(0, MOST_FINDINGS).map((finding, i) => {
            const error = finding.severity === "error";
            const Icon = error ? CircleAlert : TriangleAlert;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: two findings can be alike in everything.
              <li key={`${finding.code} ${finding.label_id} ${i}`}>
                <button
                  type="button"
                  className={`tl-finding tl-finding--${finding.severity}`}
                  onClick={() => session.jumpTo(finding.label_id, finding.at_ns)}
                >
                  <Icon size={14} aria-hidden="true" />
                  <span>
                    <span className="tl-hidden">{error ? say("To do:") : say("Advice:")} </span>
                    {reworded(finding.message)}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {findings.length > MOST_FINDINGS && (
        <p className="tl-empty">
          {say("And {count} more.", { count: findings.length - MOST_FINDINGS })}
        </p>
      )}
    </section>
  );
}

/** Review: where the sets differ, one after the other. */
export function Differences() {
  const { session } = useEditor();
  const { difference } = useSnapshot();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[difference]?.scrollIntoView({ block: "nearest" });
  }, [difference]);
  const differences = session.payload.differences;
  if (!differences) return null;
  const place =
    difference >= 0
      ? say("{number} of {count}", { number: difference + 1, count: differences.length })
      : differences.length;
  return (
    <section className="tl-panel tl-checks" aria-labelledby="tl-differences-title">
      <h2 id="tl-differences-title">
        {say("Differences")} <span className="tl-count">{place}</span>
        <span className="tl-panel__tools">
          <CommandButton id="difference.side" icon={ArrowLeftRight} className="tl-button--quiet" />
          <CommandButton id="difference.previous" icon={ChevronUp} className="tl-button--quiet" />
          <CommandButton id="difference.next" icon={ChevronDown} className="tl-button--quiet" />
        </span>
      </h2>
      {differences.length === 0 && <p className="tl-empty">{say("The sets agree.")}</p>}
      <ul ref={list}>
        {differences.map((each, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes while it is shown.
          <li key={i}>
            <button
              type="button"
              className="tl-finding"
              aria-current={i === difference}
              onClick={() => showDifference(session, i)}
            >
              <span className="tl-row__time">
                {each.at_ns === null ? "" : formatSeconds(each.at_ns)}
              </span>
              <span>{each.message}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
