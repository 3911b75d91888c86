// Who is signed in, which city is this, and which version of the data is shown?
import { batch, signal } from "@preact/signals";
import { api, listen, Problem, whenSignedOut, type JobNote, type Meta, type Session } from "./api";
import { preset, type Range } from "./time";
import { forget, recallSession, unsent } from "./offline/keep";
import { words } from "./words";

/** `undefined` = not asked yet, `null` = signed out. */
export const session = signal<Session | null | undefined>(undefined);
export const meta = signal<Meta | null>(null);
export const metaFailed = signal<Problem | null>(null);
export const dataVersion = signal(0);
/** The job that runs now, and the last news of any job. */
export const job = signal<JobNote | null>(null);
export const jobNews = signal<JobNote | null>(null);

/** What is said aloud to screen readers, and shown for a moment to all. */
export const spoken = signal("");
export const note = signal<{ text: string; kind: "good" | "bad" } | null>(null);

let stop: (() => void) | null = null;
let fading = 0;

export function tell(text: string, kind: "good" | "bad" = "good"): void {
  batch(() => {
    note.value = { text, kind };
    spoken.value = text;
  });
  clearTimeout(fading);
  fading = window.setTimeout(() => (note.value = null), kind === "good" ? 4000 : 9000);
}

/** The sentence for a refusal: the server's own words first. */
export function sentence(why: unknown): string {
  const w = words.peek().app;
  if (why instanceof Problem) {
    if (why.status === 0) return w.unreachable;
    if (why.detail || why.title) return why.detail || why.title;
    if (why.status === 403) return w.noRight;
  }
  return why instanceof Error && why.message ? `${w.failed}: ${why.message}` : w.failed;
}

export async function begin(): Promise<void> {
  whenSignedOut(() => {
    session.value = null;
    leave();
  });
  try {
    session.value = (await api.session()) ?? null;
  } catch (why) {
    // The phone page opens without a connection for the person it belongs to; whoever comes back online is asked again.
    const kept = why instanceof Problem && why.status === 0 && location.hash.startsWith("#/my") ? recallSession() : null;
    if (kept) {
      session.value = kept;
      addEventListener("online", () => void begin(), { once: true });
      return;
    }
    session.value = null;
    note.value = { text: sentence(why), kind: "bad" };
    return;
  }
  if (session.value) await enter();
}

/** After signing in: learn the city and listen for news. */
export async function enter(): Promise<void> {
  if (session.value?.user.must_change) return;
  await refreshMeta();
  stop?.();
  stop = listen({
    version(v) {
      if (v === dataVersion.peek()) return;
      dataVersion.value = v;
      void refreshMeta();
    },
    job(said) {
      const running = said.state === "running" || said.state === "waiting";
      job.value = running ? said : job.peek()?.id === said.id ? null : job.peek();
      jobNews.value = said;
    },
  });
}

export async function refreshMeta(): Promise<void> {
  try {
    const got = await api.meta();
    batch(() => {
      meta.value = got;
      metaFailed.value = null;
      dataVersion.value = got.data_version;
    });
  } catch (why) {
    metaFailed.value = why instanceof Problem ? why : new Problem(0, "unreachable", "", "");
  }
}

/** Signs out and forgets what the phone page kept; signs that still wait are not thrown away without a word. */
export async function signOut(): Promise<void> {
  const left = unsent();
  if (left > 0 && !confirm(words.peek().app.unsent(left))) return;
  await api.logout().catch(() => undefined);
  await forget();
  session.value = null;
  leave();
}

function leave(): void {
  stop?.();
  stop = null;
  meta.value = null;
}

/** Whether the role has the right at all; the rights come as cells of the one table on the server, which checks again. */
export function may(right: string): boolean {
  return (session.value?.rights[right]?.scope ?? "none") !== "none";
}

/** How far a right goes: read, verify, comment, propose, draft, edit, approve, sign. */
export function power(right: string): string {
  return may(right) ? session.value!.rights[right]!.power : "none";
}

/** The window a view without dates begins with: the last 90 days that have data. */
export function startWindow(): Range {
  const span = meta.peek()?.time;
  return span ? preset("d90", span.from.slice(0, 10), span.to.slice(0, 10)) : { from: null, to: null };
}
