import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { errorsOf, type Finding } from "../model/findings";
import { reworded, say, sayCount } from "../words";
import { useEditor, useSnapshot } from "./context";

// Nobody reads further; a wall of advice would only slow every key press down.
const MOST_LINES = 40;
const PROPOSAL = "proposal_open";

interface Line {
  readonly finding: Finding;
  readonly text: string;
}

/** A line each; proposals, which are settled one after the other, have one for all of them. */
function linesOf(findings: readonly Finding[]): Line[] {
  const proposals = findings.filter((each) => each.code === PROPOSAL);
  const [first, ...others] = proposals;
  const told = new Set(others);
  const all = sayCount(
    proposals.length,
    "{count} proposal: confirm it or delete it.",
    "{count} proposals: confirm or delete each.",
  );
  return findings
    .filter((each) => !told.has(each))
    .map((finding) => {
      const many = finding === first && others.length > 0;
      return { finding, text: many ? all : reworded(finding.message) };
    });
}

/** What the rules find, quietly, with a way to each. */
export function Checks() {
  const { session } = useEditor();
  const { findings, editable } = useSnapshot();
  if (!editable) return null;
  const errors = errorsOf(findings).length;
  const lines = linesOf(findings);
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
      {lines.length > 0 && (
        <ul>
          {lines.slice(0, MOST_LINES).map(({ finding, text }, i) => {
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
                    {text}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {lines.length > MOST_LINES && (
        <p className="tl-empty">{say("And {count} more.", { count: lines.length - MOST_LINES })}</p>
      )}
    </section>
  );
}
