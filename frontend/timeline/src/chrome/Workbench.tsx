import { ArrowLeftRight, Check, ChevronDown, ChevronUp, GitMerge } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Label } from "../model/label";
import { type Disagreement, isJudged, type Mark, speaksOf } from "../model/review";
import { formatSeconds } from "../model/time";
import type { Track } from "../stage/host";
import { say, translated } from "../words";
import { goTo, showDifference, VERDICTS } from "./commands/review";
import { focusStage, runCommand, useEditor, useSnapshot } from "./context";
import { CommandButton, KeyOf } from "./pieces";
import { VERDICT_NAMES } from "./reviewing";

const LEGEND = [
  ...["difference.next", "difference.previous", "difference.unjudged", "difference.side"],
  ...["lane.right.1", "lane.right.2", "lane.right.3"],
  ...["verdict.ok", "verdict.wrong_time", "verdict.wrong_class", "verdict.missing"],
  ...["verdict.extra", "verdict.not_visible", "verdict.withdrawn", "verdict.comment"],
  ...["consensus.begin", "verdict.decide"],
];

/** Review: where lanes differ, the gravest first; what is said of each label; who is right. */
export function Workbench() {
  const { session } = useEditor();
  const { difference, review } = useSnapshot();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[difference]?.scrollIntoView({ block: "nearest" });
  }, [difference]);
  const differences = session.payload.differences;
  if (!differences) return null;
  const judged = differences.filter((each) => isJudged(each, review.marks)).length;
  const place =
    difference >= 0
      ? say("{number} of {count}", { number: difference + 1, count: differences.length })
      : differences.length;
  return (
    <section className="tl-panel tl-checks tl-workbench" aria-labelledby="tl-differences-title">
      <h2 id="tl-differences-title">
        {say("Differences")} <span className="tl-count">{place}</span>
        <span className="tl-panel__tools">
          <CommandButton id="difference.side" icon={ArrowLeftRight} className="tl-button--quiet" />
          <CommandButton id="difference.previous" icon={ChevronUp} className="tl-button--quiet" />
          <CommandButton id="difference.next" icon={ChevronDown} className="tl-button--quiet" />
        </span>
      </h2>
      {differences.length === 0 ? (
        <p className="tl-empty">{say("The sets agree.")}</p>
      ) : (
        session.payload.mode === "review" && (
          <p className="tl-hint" data-testid="judged">
            {say("{judged} of {count} have a verdict; the gravest come first", {
              judged,
              count: differences.length,
            })}
          </p>
        )
      )}
      <ul ref={list} className="tl-places">
        {differences.map((each, i) => (
          <li key={each.id}>
            <button
              type="button"
              className="tl-finding"
              aria-current={i === difference}
              onClick={() => showDifference(session, i)}
            >
              <span className="tl-row__time">
                {each.at_ns === null ? say("whole") : formatSeconds(each.at_ns)}
              </span>
              <span className="tl-places__says" title={i === difference ? each.message : undefined}>
                {isJudged(each, review.marks) && (
                  <>
                    <Check size={13} aria-hidden="true" className="tl-ok" />
                    <span className="tl-hidden">{say("has a verdict")}</span>{" "}
                  </>
                )}
                {each.message}
              </span>
            </button>
            {i === difference && <Sides of={each} />}
          </li>
        ))}
      </ul>
      <Unsaved />
      <Judging />
      <Consensus />
      <Legend />
    </section>
  );
}

/** Each lane's labels at the place, what is said of them, and a button: this lane is right. */
function Sides({ of }: { of: Disagreement }) {
  const { session } = useEditor();
  useSnapshot();
  const { reviewing } = session;
  if (!reviewing) return null;
  return (
    <ul className="tl-sides" aria-label={say("What each says there")}>
      {reviewing.lanes.map((track, lane) => (
        <Side key={track.setId} of={of} track={track} lane={lane} />
      ))}
    </ul>
  );
}

function Side({ of, track, lane }: { of: Disagreement; track: Track; lane: number }) {
  const { reviewing } = useEditor().session;
  const labels = (of.sides[track.setId] ?? []).flatMap((id) => reviewing?.find(id) ?? []);
  const missing = of.label_ids.flatMap((id) => reviewing?.markOn(track.setId, id) ?? []);
  return (
    <li>
      <span className="tl-sides__name">{track.name}</span>
      {labels.map((label) => (
        <OneLabel key={label.id} label={label} track={track} />
      ))}
      {labels.length === 0 && (
        <span className="tl-sides__none">
          {missing[0] ? <Word mark={missing[0]} /> : say("nothing there")}
        </span>
      )}
      {reviewing?.able && (
        <button
          type="button"
          className="tl-button tl-sides__right"
          onClick={() => reviewing.right(lane)}
        >
          <span className="tl-hidden">{track.name} </span>
          {say("is right")} <KeyOf id={`lane.right.${lane + 1}`} />
        </button>
      )}
    </li>
  );
}

function OneLabel({ label, track }: { label: Label; track: Track }) {
  const { session } = useEditor();
  const mark = session.reviewing?.markOn(track.setId, label.id);
  const current = session.reviewing?.target?.id === label.id;
  return (
    <button
      type="button"
      className="tl-link tl-sides__label"
      aria-current={current}
      onClick={() => goTo(session, label.id)}
    >
      {session.describe(label)} {mark && <Word mark={mark} />}
    </button>
  );
}

function Word({ mark }: { mark: Mark }) {
  return (
    <span
      className="tl-word"
      data-verdict={mark.verdict}
      title={say("Said by {name}", { name: mark.by })}
    >
      {translated(VERDICT_NAMES[mark.verdict])}
    </span>
  );
}

function Unsaved() {
  const { session } = useEditor();
  useSnapshot();
  const text = session.reviewing?.unsaved;
  if (!text) return null;
  return (
    <p className="tl-notice tl-notice--error" role="alert">
      {text}
    </p>
  );
}

/** The label that verdicts are about, the words there are for it, and a comment. */
function Judging() {
  const editor = useEditor();
  useSnapshot();
  const { reviewing } = editor.session;
  if (!reviewing?.able) return null;
  const { target } = reviewing;
  const lane = target && reviewing.laneOf(target.id);
  const mark = (target && lane && reviewing.markOn(lane.setId, target.id)) || null;
  return (
    <fieldset className="tl-judging">
      <legend>
        {target && lane
          ? say("Verdict on {label} of {name}", {
              label: editor.session.describe(target),
              name: lane.name,
            })
          : say("Verdict on a label: choose one, or a difference")}
      </legend>
      <div className="tl-judging__words">
        {VERDICTS.map(({ verdict }) => (
          <button
            key={verdict}
            type="button"
            className="tl-button"
            aria-pressed={mark?.verdict === verdict}
            disabled={target ? !speaksOf(verdict, target) : verdict !== "missing"}
            onClick={() => runCommand(editor, `verdict.${verdict}`)}
          >
            {translated(VERDICT_NAMES[verdict])} <KeyOf id={`verdict.${verdict}`} />
          </button>
        ))}
      </div>
      <Remark key={mark ? `${mark.set} ${mark.label_id}` : ""} mark={mark} />
    </fieldset>
  );
}

function Remark({ mark }: { mark: Mark | null }) {
  const { session } = useEditor();
  const { review } = useSnapshot();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(mark?.comment ?? "");
  const asked = useRef(review.remark);
  useEffect(() => {
    if (review.remark === asked.current) return;
    asked.current = review.remark;
    field.current?.focus();
  }, [review.remark]);
  const keep = () => mark && session.reviewing?.remark(mark, text);
  return (
    <input
      ref={field}
      type="text"
      className="tl-field tl-judging__comment"
      maxLength={2000}
      aria-label={say("Comment on the verdict")}
      placeholder={mark ? say("Why? The annotator reads it.") : say("Give a verdict first")}
      disabled={!mark}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        keep();
        focusStage();
      }}
    />
  );
}

function Consensus() {
  const { session } = useEditor();
  const { review, urls } = session.payload;
  if (!review || !urls.adjudications) return null;
  return (
    <p className="tl-hint tl-workbench__draft">
      {review.draft ? (
        say("Your consensus is the lane that can be edited. A lane that is right goes into it.")
      ) : (
        <CommandButton
          id="consensus.begin"
          icon={GitMerge}
          text={review.lanes.length > 1 ? say("Make a consensus") : say("Correct a copy")}
        />
      )}
    </p>
  );
}

function Legend() {
  const { bindings, session } = useEditor();
  const lanes = session.payload.review?.lanes.length ?? 0;
  if (!session.reviewing?.able) return null;
  const shown = LEGEND.filter((id) => !(id === "lane.right.3" && lanes < 3));
  return (
    <details className="tl-keylegend">
      <summary>{say("Keys of the review")}</summary>
      <dl>
        {shown.flatMap((id) => {
          const command = bindings.commands.find((each) => each.id === id);
          if (!command) return [];
          return (
            <div key={id}>
              <dt>
                <KeyOf id={id} />
              </dt>
              <dd>{command.name}</dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
