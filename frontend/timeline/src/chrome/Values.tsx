import { useEffect, useState } from "react";
import { formatSeconds, type Ns } from "../model/time";
import type { ReadingGroup } from "../stage/signalstore";
import { say } from "../words";
import { useEditor } from "./context";

const STORED = "touchline.values";
// While the arrows are held nobody reads, and a table is work for the page.
const CALM_MS = 120;

interface Shown {
  readonly at: Ns;
  readonly groups: readonly ReadingGroup[];
}

/** The values at the playhead whenever it has come to rest; never while it moves. */
function useReadings(open: boolean): Shown | null {
  const { session } = useEditor();
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (!open) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let before = "";
    const read = () => {
      const store = session.stage.view?.timeline.signals;
      const at = session.transport.timeNs;
      if (!store || session.transport.playing) return;
      const groups = store.readings(at);
      const now = `${at} ${JSON.stringify(groups)}`;
      if (now !== before) setShown({ at, groups });
      before = now;
    };
    const stop = session.transport.onFrame(({ playing }) => {
      clearTimeout(timer);
      if (!playing) timer = setTimeout(read, CALM_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [open, session]);
  return open ? shown : null;
}

function Group({ group }: { group: ReadingGroup }) {
  const commanded = group.rows.some((row) => row.commanded !== null);
  return (
    <table className="tl-values__group">
      <caption>{group.name}</caption>
      <thead className={commanded ? "" : "tl-hidden"}>
        <tr>
          <th scope="col">
            <span className="tl-hidden">{say("Dimension")}</span>
          </th>
          <th scope="col">{say("state")}</th>
          {commanded && <th scope="col">{say("action")}</th>}
        </tr>
      </thead>
      <tbody>
        {group.rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td>{row.measured ?? ""}</td>
            {commanded && <td>{row.commanded ?? ""}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Action and state at the cursor: by name, in their units, grouped as the lanes are. */
export function Values() {
  const { session } = useEditor();
  const [open, setOpen] = useState(() => localStorage.getItem(STORED) === "open");
  const shown = useReadings(open);
  if (session.payload.signals.length === 0) return null;
  return (
    <details
      className="tl-panel tl-values"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        localStorage.setItem(STORED, event.currentTarget.open ? "open" : "closed");
      }}
    >
      <summary>
        {say("Action and state")}
        {shown && (
          <span className="tl-count"> {say("at {time} s", { time: formatSeconds(shown.at) })}</span>
        )}
      </summary>
      {shown?.groups.map((group) => (
        <Group key={group.id} group={group} />
      ))}
    </details>
  );
}
