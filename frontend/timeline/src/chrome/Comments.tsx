import { ChevronDown, ChevronUp, MessageSquarePlus } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { formatSeconds } from "../model/time";
import { openByPost } from "../net/api";
import type { NewRemark, Remark, Thread } from "../net/comments";
import { say } from "../words";
import { focusStage, useEditor, useSnapshot } from "./context";
import { CommandButton } from "./pieces";

type Pin = "time" | "label" | "episode";

/** What is said about the episode, in the order of time, and a way to say something. */
export function Comments() {
  const { session } = useEditor();
  const { talk, thread: chosen, composing } = useSnapshot();
  if (!session.payload.urls.comments) return null;
  const threads = talk?.threads ?? [];
  const open = threads.filter(({ resolved_at }) => resolved_at === null).length;
  return (
    <section className="tl-panel tl-comments" aria-labelledby="tl-comments-title">
      <div className="tl-panel__head">
        <h2 id="tl-comments-title">
          {say("Comments")} <span className="tl-count">{open}</span>
        </h2>
        <span className="tl-panel__tools">
          <CommandButton id="comment.new" icon={MessageSquarePlus} className="tl-button--quiet" />
          <CommandButton id="comment.previous" icon={ChevronUp} className="tl-button--quiet" />
          <CommandButton id="comment.next" icon={ChevronDown} className="tl-button--quiet" />
        </span>
      </div>
      {composing > 0 && <Composer key={composing} />}
      {threads.length > 0 && (
        <ul>
          {threads.map((each) => (
            <ThreadItem key={each.id} thread={each} chosen={each.id === chosen} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Words({ of }: { of: Remark }) {
  return (
    <p className="tl-comment__words">
      <strong>{of.author}</strong> {of.text}
    </p>
  );
}

function ThreadItem({ thread, chosen }: { thread: Thread; chosen: boolean }) {
  const { session } = useEditor();
  const item = useRef<HTMLLIElement>(null);
  const resolved = thread.resolved_at !== null;
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <li ref={item} className="tl-comment" data-resolved={resolved}>
      <button
        type="button"
        className="tl-finding"
        aria-current={chosen}
        onClick={() => session.talk?.show(thread)}
      >
        <span className="tl-row__time">
          {thread.at_ns === null ? say("whole episode") : formatSeconds(thread.at_ns)}
        </span>
        <span>
          <strong>{thread.author}</strong> {thread.text}
          {resolved && <em> {say("resolved")}</em>}
          {thread.blocks && !resolved && <em> {say("blocks the episode")}</em>}
        </span>
      </button>
      {thread.answers.map((answer) => (
        <Words key={answer.id} of={answer} />
      ))}
      {chosen && (
        <>
          <Answer to={thread} />
          <button
            type="button"
            className="tl-button"
            onClick={() => void session.talk?.resolve(thread)}
          >
            {resolved ? say("Open again") : say("Resolve")}
          </button>
        </>
      )}
    </li>
  );
}

/** For a comment that answers none. */
const NEW = "";

/** Text that is sent under one id, however often: what fails stays to be sent again. */
function useSending(answering: string, after: () => void) {
  const { session } = useEditor();
  const [text, setShown] = useState(() => session.talk?.draft(answering) ?? "");
  const setText = (now: string) => {
    setShown(now);
    session.talk?.write(answering, now);
  };
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useRef(crypto.randomUUID());
  const send = async (remark: Partial<NewRemark>) => {
    if (busy || text.trim() === "") return;
    setBusy(true);
    const refused = (await session.talk?.post({ ...remark, id: id.current, text })) ?? null;
    setBusy(false);
    setProblem(refused);
    if (refused !== null) return;
    id.current = crypto.randomUUID();
    setText("");
    after();
  };
  /** Within what is written the key that submits the episode posts the comment. */
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  return { text, setText, problem, busy, send, onKeyDown };
}

function Answer({ to }: { to: Thread }) {
  const sending = useSending(to.id, focusStage);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void sending.send({ parent: to.id });
  };
  return (
    <form className="tl-comment__form" onSubmit={submit}>
      <textarea
        className="tl-field"
        rows={2}
        maxLength={4000}
        aria-label={say("Answer")}
        value={sending.text}
        onChange={(event) => sending.setText(event.target.value)}
        onKeyDown={sending.onKeyDown}
      />
      {sending.problem && <p role="alert">{sending.problem}</p>}
      <button type="submit" className="tl-button" disabled={sending.busy}>
        {say("Answer")}
      </button>
    </form>
  );
}

function Composer() {
  const { session, saving } = useEditor();
  const { talk, primary } = useSnapshot();
  const field = useRef<HTMLTextAreaElement>(null);
  const [pin, setPin] = useState<Pin>(primary ? "label" : "time");
  const [blocks, setBlocks] = useState(false);
  const box = useId();
  const close = () => {
    session.talk?.write(NEW, "");
    session.set({ composing: 0 });
    focusStage();
  };
  const sending = useSending(NEW, () => {
    if (!blocks) close();
    else {
      saving.leaving = true;
      openByPost(session.payload.urls.next ?? session.payload.urls.queue);
    }
  });
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // What blocks gives the lease away: marks go to the server before it.
    if (blocks) await saving.queue?.flush();
    await sending.send({ ...pinned(), blocks });
  };
  const pinned = (): Partial<NewRemark> => {
    if (pin === "episode") return {};
    if (pin === "time" || !primary) return { at_ns: session.transport.timeNs };
    const set = session.snapshot().tracks.find(({ timeline }) => timeline.has(primary.id));
    return {
      ...(set ? { annotation_set: set.setId, label_id: primary.id } : {}),
      at_ns: primary.start_ns ?? session.transport.timeNs,
    };
  };
  return (
    <form className="tl-comment__form" onSubmit={(event) => void submit(event)}>
      <textarea
        ref={field}
        className="tl-field"
        rows={3}
        maxLength={4000}
        aria-label={say("Comment")}
        value={sending.text}
        onChange={(event) => sending.setText(event.target.value)}
        onKeyDown={(event) => {
          sending.onKeyDown(event);
          if (event.key !== "Escape") return;
          event.stopPropagation();
          close();
        }}
      />
      {talk && talk.people.length > 0 && (
        <p className="tl-hint">
          {say("To tell somebody: {names}", {
            names: talk.people.map((name) => `@${name}`).join(" "),
          })}
        </p>
      )}
      <label>
        {say("Pinned to")}{" "}
        <select
          className="tl-field"
          value={pin}
          onChange={(event) => setPin(event.target.value as Pin)}
        >
          <option value="time">{say("the playhead")}</option>
          {primary && <option value="label">{say("the selected label")}</option>}
          <option value="episode">{say("the whole episode")}</option>
        </select>
      </label>
      {session.editable && talk?.may_block && (
        <label htmlFor={box}>
          <input
            id={box}
            type="checkbox"
            checked={blocks}
            onChange={(event) => setBlocks(event.target.checked)}
          />{" "}
          {say("I cannot go on without an answer: keep the episode for me, open the next")}
        </label>
      )}
      {sending.problem && <p role="alert">{sending.problem}</p>}
      <span>
        <button type="submit" className="tl-button tl-button--primary" disabled={sending.busy}>
          {say("Post")}
        </button>{" "}
        <button type="button" className="tl-button" onClick={close}>
          {say("Cancel")}
        </button>
      </span>
    </form>
  );
}
