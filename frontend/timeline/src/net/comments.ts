import type { Ns } from "../model/time";
import { type Problem, send } from "./api";
import type { EditorUrls } from "./payload";

export interface Remark {
  readonly id: string;
  readonly author: string;
  readonly own: boolean;
  readonly concerning: string | null;
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly text: string;
  readonly blocks: boolean;
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly resolved_at: string | null;
}

export interface Thread extends Remark {
  readonly answers: readonly Remark[];
}

export interface Threads {
  readonly threads: readonly Thread[];
  readonly people: readonly string[];
  readonly may_block: boolean;
}

export interface NewRemark {
  /** The same id again makes nothing new. */
  readonly id: string;
  readonly text: string;
  readonly parent?: string;
  readonly annotation_set?: string;
  readonly label_id?: string;
  readonly at_ns?: Ns;
  readonly blocks?: boolean;
}

/** Null: done. Without a problem the server was not reached, and the same may be sent again. */
type Done = { readonly problem: Problem | null } | null;

export class CommentsApi {
  constructor(private readonly urls: EditorUrls) {}

  async list(): Promise<Threads | null> {
    if (!this.urls.comments) return null;
    const answer = await send("GET", this.urls.comments);
    return answer?.ok ? (answer.body as Threads) : null;
  }

  post(remark: NewRemark): Promise<Done> {
    return this.done("POST", this.urls.comments ?? "", remark);
  }

  change(id: string, change: { text?: string; resolved?: boolean }): Promise<Done> {
    return this.done("PATCH", `${this.urls.comment}${id}`, change);
  }

  private async done(method: string, url: string, body: unknown): Promise<Done> {
    const answer = await send(method, url, body);
    if (!answer) return { problem: null };
    return answer.ok ? null : { problem: answer.problem };
  }
}
