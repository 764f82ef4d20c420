import type { Finding } from "../model/findings";
import type { Timeline } from "../model/timeline";
import { validateSubmit } from "../model/validation";
import type { EditorSession } from "./session";

const MANY_LABELS = 200;
const AFTER_MS = 30;

/** What the rules find in the labels as they are. */
export class Checking {
  private checked: { readonly of: Timeline; readonly findings: readonly Finding[] } | null = null;
  private planned = false;

  constructor(private readonly session: EditorSession) {}

  get findings(): readonly Finding[] {
    const { editableSet, history, schema, durationNs, task } = this.session;
    if (!editableSet) return [];
    const { timeline } = history;
    if (this.checked?.of !== timeline) {
      const findings = validateSubmit(timeline.labels, schema, durationNs, task);
      this.checked = { of: timeline, findings };
    }
    return this.checked.findings;
  }

  /**
   * What is shown of them. Rules look at every label: with many, they are asked after the change is
   * on the screen, and during a drag when it has ended.
   */
  get soFar(): readonly Finding[] {
    const { checked } = this;
    const { history } = this.session;
    const fresh = !checked || checked.of === history.timeline;
    if (fresh || history.timeline.size < MANY_LABELS) return this.findings;
    if (!history.inGesture && !this.planned) {
      this.planned = true;
      setTimeout(() => this.again(), AFTER_MS);
    }
    return checked.findings;
  }

  private again(): void {
    this.planned = false;
    if (this.session.history.inGesture) return;
    const before = this.checked?.findings;
    if (this.findings !== before) this.session.changed();
  }
}
