// Where do I stand today? Big, one-handed, and working without a connection: signs wait in the phone and are sent later.
import { computed, signal, useSignal, useSignalEffect } from "@preact/signals";
import type { LonLat } from "../api";
import { Problem } from "../api";
import { clock, duty, weekday, type Duty, type Road, type SignWish } from "../api_duty";
import { boxOf, MiniMap } from "../mini_map";
import { keepPage, rememberSession } from "../offline/keep";
import { badCounts, clockOf, minuteOf, send, todayBy, type Clock, type Outcome, type Waiting } from "../offline/queue";
import { meta, sentence, session, tell } from "../store";
import { ActButton, Dialog, Field } from "../ui";
import { minute, words } from "../words";
import { dutyWords } from "../words/duty";

interface Kept { today: string; at: string; duties: Duty[]; roads: Record<string, Road[]>; simulated?: boolean; clock?: Clock; early?: number }
interface Local { kind: string; at: number; metres: number | null; mark?: string }

const keyOf = (what: string) => `zhilu.duty.${what}.${session.peek()?.user.name ?? ""}`;

function recall<T>(what: string, empty: T): T {
  try {
    return JSON.parse(localStorage.getItem(keyOf(what)) ?? "") as T;
  } catch {
    return empty;
  }
}

function keep(what: string, value: unknown): void {
  try {
    localStorage.setItem(keyOf(what), JSON.stringify(value));
  } catch {
    // Without storage the page still works while it stays open.
  }
}

const plan = signal<Kept | null>(null);
const waiting = signal<Waiting[]>([]);
const offline = signal(false);
const local = signal<Record<string, Local[]>>({});
const count = computed(() => waiting.value.length);
const ticking = signal(Date.now());
/** Today as the server counts it, also past midnight and without a connection. */
const today = computed(() => (plan.value?.clock ? todayBy(plan.value.clock, ticking.value) : plan.value?.today ?? ""));
/** Minutes of the day by the server's clock. */
const minuteNow = computed(() => minuteOf(ticking.value + (plan.value?.clock?.skew ?? 0)));
const now = () => Date.now() + (plan.peek()?.clock?.skew ?? 0);
let sending: Promise<Outcome> | null = null;

/** Statuses that say nothing about the entry itself: it may be sent again. */
const AGAIN = [0, 401, 403, 408, 425, 429];

/** Sends what waits; an entry goes only when it was written or was itself refused, and then the card says so. */
function flush(): Promise<Outcome> {
  sending ??= send(waiting.peek(), {
    sign: (wishes) => duty.sign(wishes),
    watch: (wish) => duty.watch(wish),
    refusal: (why) => (why instanceof Problem && why.status < 500 && !AGAIN.includes(why.status) ? sentence(why) : null),
    refused: (mark, why) => {
      tell(dutyWords.peek().my.refused(why), "bad");
      local.value = Object.fromEntries(Object.entries(local.peek()).map(([d, list]) => [d, list.filter((s) => s.mark !== mark)]));
      keep("signs", local.peek());
    },
    gone: (marks) => {
      waiting.value = waiting.peek().filter((x) => !marks.has(String(x.wish.mark)));
      keep("waiting", waiting.peek());
    },
  }).then((got) => {
    sending = null;
    const judged = got.lost instanceof Problem && got.lost.status !== 0 && got.lost.status < 500;
    if (judged) tell(sentence(got.lost), "bad");
    if (got.lost) offline.value = !judged;
    else if (got.sent + got.refused > 0) offline.value = false;
    return got;
  });
  return sending;
}

/** Queues an entry, sends it, and says what became of it. */
async function queue(entry: Waiting): Promise<"sent" | "waiting" | "refused"> {
  await sending;
  waiting.value = [...waiting.peek(), entry];
  keep("waiting", waiting.peek());
  const got = await flush();
  const mark = String(entry.wish.mark);
  if (waiting.peek().some((x) => String(x.wish.mark) === mark)) return "waiting";
  return got.refused > 0 && !got.sent ? "refused" : "sent";
}

async function load(): Promise<void> {
  try {
    const got = await duty.mine();
    const roads: Record<string, Road[]> = {};
    const clock = clockOf(got, Date.now());
    plan.value = { today: got.today, at: got.now, duties: got.duties, roads: plan.peek()?.roads ?? {}, simulated: simulated(), clock, early: got.early_min };
    for (const d of got.duties.slice(0, 6)) {
      const box = boxOf(spotsOf(d));
      if (box) roads[d.id] = (await duty.roads(box)).roads.slice(0, 250);
    }
    plan.value = { today: got.today, at: got.now, duties: got.duties, roads, simulated: simulated(), clock, early: got.early_min };
    offline.value = false;
    keep("plan", plan.value);
    if (session.peek()) rememberSession(session.peek()!);
  } catch (why) {
    if (why instanceof Problem && why.status !== 0) tell(sentence(why), "bad");
    else offline.value = true;
  }
}

const simulated = () => meta.peek()?.city?.simulated ?? plan.peek()?.simulated ?? false;

const spotsOf = (d: Duty) => d.posts.filter((p) => p.point).map((p, i) => ({ point: p.point as LonLat, label: String(i + 1), title: p.school_name + p.gate_name, state: "me" as const }));

function metres(a: LonLat, b: LonLat): number {
  const k = Math.cos((a[1] * Math.PI) / 180);
  return Math.hypot((a[0] - b[0]) * k, a[1] - b[1]) * 111_195;
}

function here(): Promise<{ point: LonLat; accuracy: number } | null> {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    navigator.geolocation.getCurrentPosition((p) => done({ point: [p.coords.longitude, p.coords.latitude], accuracy: p.coords.accuracy }), () => done(null), { enableHighAccuracy: true, timeout: 8000, maximumAge: 15_000 });
  });
}

export function MyPage() {
  const w = dutyWords.value;
  const m = w.my;
  const reopens = useSignal(true);
  const report = useSignal<Duty | null>(null);
  const watch = useSignal<Duty | null>(null);
  useSignalEffect(() => {
    if (!session.value) return;
    plan.value = recall<Kept | null>("plan", null);
    waiting.value = recall<Waiting[]>("waiting", []);
    local.value = recall("signs", {});
    void keepPage().then((kept) => (reopens.value = kept));
    void load().then(flush);
    const back = () => void flush().then(load);
    const gone = () => (offline.value = true);
    addEventListener("online", back);
    addEventListener("offline", gone);
    // Opened again from the pocket, perhaps on another day.
    const seen = () => {
      if (document.visibilityState !== "visible") return;
      ticking.value = Date.now();
      void flush().then(load);
    };
    document.addEventListener("visibilitychange", seen);
    const timer = setInterval(() => {
      const before = today.peek();
      ticking.value = Date.now();
      if (today.peek() !== before) void flush().then(load);
      else if (waiting.peek().length) void flush();
    }, 20_000);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", back);
      removeEventListener("offline", gone);
      clearInterval(timer);
    };
  });
  const sign = async (d: Duty, kind: SignWish["kind"], note = "") => {
    const fix = await here();
    const at = now();
    const near = fix ? Math.min(...spotsOf(d).map((s) => metres(s.point, fix.point))) : null;
    const far = near === null || !Number.isFinite(near) ? null : Math.round(near);
    const mark = `${d.id}-${kind}-${at}-${Math.random().toString(36).slice(2, 8)}`;
    local.value = { ...local.value, [d.id]: [...(local.value[d.id] ?? []), { kind, at, metres: far, mark }] };
    keep("signs", local.value);
    await queue({ kind: "sign", wish: { mark, duty: d.id, kind, at, point: fix?.point ?? null, accuracy_m: fix?.accuracy ?? null, note } });
  };
  const p = plan.value;
  const day = today.value;
  const own = p?.duties.filter((d) => d.day === day) ?? [];
  const next = p?.duties.filter((d) => d.day > day).slice(0, 12) ?? [];
  return (
    <div class="my">
      <h1>{m.title}</h1>
      {offline.value && <p class="offline" role="status">{m.offline}{p ? `（${m.cached(minute(p.at))}）` : ""}</p>}
      {!meta.value && p?.simulated && <p class="sim">{w.school.simulated}</p>}
      <p class={`queue ${count.value ? "some" : ""}`} role="status">{count.value ? m.waiting(count.value) : m.sent}</p>
      {p && own.length + next.length === 0 && <p class="state">{m.none}</p>}
      {own.length > 0 && <h2>{m.today} {day} {w.week[weekday(day)]}</h2>}
      {own.map((d) => <Card key={d.id} d={d} shut={minuteNow.value < d.start - (p?.early ?? 0) ? m.opens(clock(d.start - (p?.early ?? 0))) : ""} roads={p?.roads[d.id] ?? []} sign={sign} onReport={() => (report.value = d)} onWatch={() => (watch.value = d)} />)}
      {next.length > 0 && <h2>{m.next}</h2>}
      {next.map((d, i) => <Card key={d.id} d={d} shut={m.onTheDay} roads={p?.roads[d.id] ?? []} sign={sign} later={i > 0 || own.length > 0} onReport={() => (report.value = d)} onWatch={() => (watch.value = d)} />)}
      {!reopens.value && <p class="dim">{m.stayOpen}</p>}
      {report.value && <Report d={report.value} onClose={() => (report.value = null)} send={(note) => sign(report.value!, "incident", note)} />}
      {watch.value && <Watch d={watch.value} onClose={() => (watch.value = null)} />}
    </div>
  );
}

/** One duty; `shut` says when it may be signed, empty once it may. */
function Card({ d, roads, sign, shut, later, onReport, onWatch }: { d: Duty; shut: string; roads: Road[]; sign: (d: Duty, kind: SignWish["kind"]) => Promise<void>; later?: boolean; onReport: () => void; onWatch: () => void }) {
  const w = dutyWords.value;
  const m = w.my;
  const known = [...(local.value[d.id] ?? []), ...d.signs.map((s) => ({ kind: s.kind, at: Date.parse(s.at), metres: s.detail.distance_m }))];
  const last = (kind: string) => known.filter((s) => s.kind === kind).sort((a, b) => b.at - a.at)[0];
  const [inn, out] = [last("in"), last("out")];
  const time = (at: number) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  const far = (s: { metres: number | null }) => (s.metres === null ? m.noGps : s.metres > 100 ? m.far(s.metres) : m.near(s.metres));
  return (
    <article class={`post-card ${later ? "later" : ""}`}>
      <header><b>{d.day.slice(5)} {w.week[weekday(d.day)]}</b><span class="when">{clock(d.start)}–{clock(d.end)}</span><span>{w.peaks[d.peak]}</span></header>
      <ol>{d.posts.map((p) => <li key={`${p.gate}${p.unit}`}><b>{p.school_name}{p.gate_name}</b> <small>{clock(p.start)}–{clock(p.end)} · {p.unit === 1 && p.class > 0 ? w.duty.lead1 : w.duty.assist}</small></li>)}</ol>
      {!later && <MiniMap spots={spotsOf(d)} roads={roads} label={d.posts.map((p) => p.school_name).join("、")} path narrow />}
      {!later && (
        <div class="big-acts">
          {shut && <p class="dim">{shut}</p>}
          {shut ? null : inn ? <p class={`ok ${(inn.metres ?? 0) > 100 ? "far" : ""}`}>{m.done(time(inn.at))} · {far(inn)}</p> : <ActButton class="primary big" act={() => sign(d, "in")}>{m.in}</ActButton>}
          {inn && (out ? <p class="ok">{m.left(time(out.at))} · {far(out)}</p> : <ActButton class="big" act={() => sign(d, "out")}>{m.out}</ActButton>)}
          {!shut && <button type="button" class="button" onClick={onReport}>{m.incident}</button>}
          {!shut && <button type="button" class="button" onClick={onWatch}>{m.observe}</button>}
          <a class="button" href={duty.calendar(d.roster, d.person ?? "")}>{w.duty.ics}</a>
        </div>
      )}
    </article>
  );
}

function Report({ d, onClose, send }: { d: Duty; onClose: () => void; send: (note: string) => Promise<void> }) {
  const m = dutyWords.value.my;
  const note = useSignal("");
  return (
    <Dialog title={`${m.incident} · ${d.posts[0]?.school_name ?? ""}`} onClose={onClose}>
      <div class="dialog-body">
        <Field label={m.note}>{(id) => <textarea id={id} rows={4} maxLength={300} value={note.value} onInput={(e) => (note.value = e.currentTarget.value)} />}</Field>
        <ActButton class="primary" disabled={!note.value.trim()} act={() => send(note.value).then(onClose)}>{m.send}</ActButton>
      </div>
    </Dialog>
  );
}

function Watch({ d, onClose }: { d: Duty; onClose: () => void }) {
  const w = dutyWords.value;
  const first = d.posts[0];
  const form = useSignal<Record<string, number>>({ minutes: 30, stopped: 0, illegal: 0, queue_m: 0, crossing: 0, conflicts: 0 });
  const save = async () => {
    if (!first) return;
    const bad = badCounts(form.value);
    if (bad.length) return tell(w.my.badCounts(bad.map((k) => w.school.seen[k] ?? k).join("、")), "bad");
    const at = now();
    const mark = `w-${d.id}-${at}-${Math.random().toString(36).slice(2, 8)}`;
    const became = await queue({ kind: "watch", wish: { mark, school: first.school, gate: first.gate, peak: d.peak, at, ...form.value } });
    if (became === "refused") return;
    tell(became === "sent" ? w.my.savedWatch : w.my.keptWatch);
    onClose();
  };
  return (
    <Dialog title={`${w.my.observe} · ${first?.school_name ?? ""}${first?.gate_name ?? ""}`} onClose={onClose}>
      <div class="dialog-body">
        <p class="dim">{w.my.observeLead}</p>
        <div class="two">{Object.entries(w.school.seen).map(([k, label]) => <Field key={k} label={label}>{(id) => <input id={id} type="number" inputMode="numeric" min={0} value={form.value[k]} onInput={(e) => (form.value = { ...form.value, [k]: Number(e.currentTarget.value) })} />}</Field>)}</div>
        <ActButton class="primary" act={save}>{w.my.save}</ActButton>
        <button type="button" class="button" onClick={onClose}>{words.value.app.cancel}</button>
      </div>
    </Dialog>
  );
}
