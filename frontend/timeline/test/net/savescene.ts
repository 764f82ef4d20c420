import { History } from "../../src/model/history";
import type { Label } from "../../src/model/label";
import { Timeline } from "../../src/model/timeline";
import type { SaveAnswer, SaveRequest } from "../../src/net/api";
import type { DraftStore } from "../../src/net/drafts";
import type { LabelSetInfo } from "../../src/net/payload";
import { recover } from "../../src/net/recovery";
import { SaveQueue, type SaveState } from "../../src/net/savequeue";
import { segment } from "../cast";

/** The server's side of the contract: revisions, and one answer a request id. */
export class SetOnServer {
  revision = 1;
  labels = Timeline.empty;
  applied = 0;
  private readonly answers = new Map<string, number>();

  save(request: SaveRequest): SaveAnswer {
    const before = this.answers.get(request.request_id);
    if (before !== undefined) return { kind: "saved", revision: before };
    if (request.base_revision !== this.revision) {
      return { kind: "stale", revision: this.revision, labels: this.labels.labels };
    }
    this.write(request.put, request.remove);
    this.applied += 1;
    this.answers.set(request.request_id, this.revision);
    return { kind: "saved", revision: this.revision };
  }

  write(put: readonly Label[], remove: readonly string[] = []): void {
    this.labels = this.labels.apply({ put, remove });
    this.revision += 1;
  }

  get page(): LabelSetInfo {
    return {
      id: "set",
      name: "Ada",
      role: "annotator",
      state: "draft",
      revision: this.revision,
      editable: true,
      labels: this.labels.labels,
      round: 1,
    };
  }
}

export type Fault = "none" | "lost request" | "lost answer";

/** A tab of ada's with a network that fails as told. */
export class Tab {
  history!: History;
  queue!: SaveQueue;
  state!: SaveState;
  fault: Fault = "none";
  sent = 0;

  static async open(server: SetOnServer, drafts: DraftStore, client = "tab", page = server.page) {
    const tab = new Tab();
    const opening = await recover(
      page,
      { clientId: client, userId: "ada", living: new Set() },
      drafts,
    );
    tab.history = new History(Timeline.of(opening.labels), () => tab.queue?.changed());
    tab.queue = new SaveQueue({
      setId: "set",
      clientId: client,
      userId: "ada",
      about: { episode: "episode_000001", project: "Blocks", url: "/annotate/1/" },
      labels: tab.history,
      opening,
      drafts,
      send: async (request) => {
        tab.sent += 1;
        if (tab.fault === "lost request") return { kind: "unreachable" };
        const answer = server.save(request);
        return tab.fault === "lost answer" ? { kind: "unreachable" } : answer;
      },
      newId: () => crypto.randomUUID(),
      onState: (state) => {
        tab.state = state;
      },
    });
    if (opening.steps) tab.history.resume(opening.steps);
    tab.queue.start();
    return tab;
  }

  put(label: Label): void {
    this.history.perform("put", { put: [label], remove: [] });
  }

  /** The tab is killed: nothing more of it runs. */
  kill(): void {
    this.queue.close();
  }
}

export const a = (text: string) => segment("a", 0, 10, text);
export const b = (text: string) => segment("b", 10, 20, text);
