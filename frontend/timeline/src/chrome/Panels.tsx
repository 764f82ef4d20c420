import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { errorsOf } from "../model/findings";
import { reworded, say, sayCount } from "../words";
import { useEditor, useSnapshot } from "./context";

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
