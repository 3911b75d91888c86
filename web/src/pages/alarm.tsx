// Is something breaking out this week? The weekly alarms with how often chance would ring so, on a map and as a list.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type AlarmBook, type WeeklyAlarm } from "../api";
import { useLoad } from "../load";
import { go, view } from "../state";
import { dataVersion, job, may, meta, power, sentence, tell } from "../store";
import { ActButton, Icon, Panel } from "../ui";
import { decimal, lang, number, words } from "../words";

export function AlarmPage() {
  const w = words.value;
  const { state, again } = useLoad((stop) => {
    void dataVersion.value;
    void job.value?.id;
    return api.alarms(stop);
  });
  if (!may("sites")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  return (
    <div class="narrow alarm">
      <div class="page-head"><h1>{w.nav.alarm}</h1>{["edit", "approve", "sign"].includes(power("survey")) && <Compute again={again} />}</div>
      <p class="hint">{w.hot.alarmLead}</p>
      <Panel state={state.value} again={again} empty={(b) => (b.runs.length ? null : <><h3>{w.hot.noRuns}</h3><p>{w.hot.noRunsHint}</p></>)}>
        {(book) => <Book book={book} />}
      </Panel>
    </div>
  );
}

function Compute({ again }: { again: () => void }) {
  const w = words.value.hot;
  const run = (weeks: number, anew: boolean) => async () => {
    try {
      const { id } = await api.runAlarm(weeks, anew);
      for (let i = 0; i < 600; i++) {
        const s = await api.job(id);
        if (s.state !== "running" && s.state !== "waiting") {
          if (s.state === "failed") tell(s.message, "bad");
          break;
        }
        await new Promise((r) => setTimeout(r, 500));
      }
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <div class="row">
      <ActButton class="small" act={run(60, false)}>{w.nextWeeks}</ActButton>
      <ActButton class="small" act={run(26, true)}>{w.replay}</ActButton>
    </div>
  );
}

function Book({ book }: { book: AlarmBook }) {
  const w = words.value.hot;
  const open = book.alarms.filter((a) => a.state !== "over");
  const over = book.alarms.filter((a) => a.state === "over");
  return (
    <>
      {meta.value?.city && <AlarmMap alarms={book.alarms} />}
      <section class="card">
        <h2>{w.openAlarms} <span class="count">{number(open.length)}</span></h2>
        {open.length ? <List alarms={open} /> : <p class="dim">{w.allQuiet(book.runs[0]!.day)}</p>}
      </section>
      <section class="card">
        <h2>{w.weeks}</h2>
        <Weeks book={book} />
      </section>
      {over.length > 0 && <section class="card"><h2>{w.pastAlarms} <span class="count">{number(over.length)}</span></h2><List alarms={over} /></section>}
    </>
  );
}

function List({ alarms }: { alarms: WeeklyAlarm[] }) {
  const w = words.value.hot;
  return (
    <div class="scroll">
      <table class="plain">
        <thead><tr><th scope="col">{w.where}</th><th scope="col">{w.state}</th><th scope="col">{w.window}</th><th scope="col" class="num">{w.seen}</th><th scope="col" class="num">{w.people}</th><th scope="col" class="num">{w.recurrence}</th><th scope="col" class="num">LLR</th><th scope="col" class="num">{w.since}</th></tr></thead>
        <tbody>
          {alarms.map((a) => (
            <tr key={a.id}>
              <th scope="row"><a href={`#/map?at=15.2,${a.finding.centre.join(",")}&from=${a.window[0]}&to=${a.window[1]}&tab=tickets`}>{a.near?.[1] ?? `${a.finding.centre[1].toFixed(4)}, ${a.finding.centre[0].toFixed(4)}`}</a> <span class="dim">{w.radius(number(a.finding.radius_m))}</span></th>
              <td><span class={`tag ${a.state === "open" ? "on" : ""}`}>{w.states[a.state]}</span>{a.strong && <span class="tag warn">{w.strong}</span>}{a.told_now && <span class="tag warn">{w.toldNow}</span>}</td>
              <td class="nowrap">{a.window[0]} – {a.window[1]}</td>
              <td class="num">{number(a.finding.observed)} / {decimal(a.finding.expected)}</td>
              <td class="num">{number(a.finding.callers)}</td>
              <td class="num nowrap">{years(a.finding.recurrence_days)}</td>
              <td class="num">{decimal(a.finding.llr)}</td>
              <td class="num nowrap">{a.first}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function years(days: number): string {
  const w = words.value.hot;
  return days >= 365 ? w.everyYears(days >= 36500 ? ">100" : decimal(days / 365)) : w.everyDays(number(days));
}

/** One bar a week: how long the recurrence interval of the best cluster was, on a logarithmic scale; the line is a year. */
function Weeks({ book }: { book: AlarmBook }) {
  const w = words.value.hot;
  const table = useSignal(false);
  const runs = [...book.runs].reverse().slice(-60);
  const height = (days: number | null) => (days ? Math.max(2, (Math.log10(Math.max(7, Math.min(days, 1e5)) / 7) / Math.log10(1e5 / 7)) * 90) : 0);
  const year = 100 - height(book.rule.least_days);
  const step = 660 / Math.max(runs.length, 12);
  return (
    <figure class="months">
      {table.value ? (
        <table class="plain"><thead><tr><th scope="col">{w.weekEnd}</th><th scope="col" class="num">{words.value.map.tickets}</th><th scope="col" class="num">LLR</th><th scope="col" class="num">{w.recurrence}</th></tr></thead>
          <tbody>{book.runs.map((r) => <tr key={r.day}><td>{r.day}</td><td class="num">{number(r.tickets)}</td><td class="num">{r.llr === null ? "–" : decimal(r.llr)}</td><td class="num">{r.recurrence_days === null ? "–" : years(r.recurrence_days)}</td></tr>)}</tbody></table>
      ) : (
        <svg viewBox="0 0 700 122" role="img" aria-label={runs.map((r) => `${r.day} ${r.recurrence_days === null ? "–" : years(r.recurrence_days)}`).join(", ")}>
          <line x1="30" x2="695" y1={year} y2={year} class="grid" /><text x="26" y={year + 4} text-anchor="end">{w.oneYear}</text>
          <line x1="30" x2="695" y1="100" y2="100" class="axis" />
          {runs.map((r, i) => {
            const h = height(r.recurrence_days);
            return <rect key={r.day} class={r.recurrence_days !== null && r.recurrence_days >= book.rule.least_days ? "loud" : ""} x={34 + i * step} width={step * 0.72} y={100 - h} height={h}><title>{`${r.day} · ${r.recurrence_days === null ? "–" : years(r.recurrence_days)}`}</title></rect>;
          })}
          {runs.map((r, i) => (i % Math.ceil(runs.length / 6) === 0 ? <text key={r.day} x={34 + i * step} y="116">{r.day}</text> : null))}
        </svg>
      )}
      <figcaption class="hint">{w.weeksLead}</figcaption>
      <button type="button" class="link-button no-print" onClick={() => (table.value = !table.value)}>{table.value ? words.value.time.chart : words.value.time.table}</button>
    </figure>
  );
}

function AlarmMap({ alarms }: { alarms: WeeklyAlarm[] }) {
  const box = useRef<HTMLDivElement>(null);
  const city = meta.value!.city!;
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    void import("../alarm_map").then((m) => {
      if (!gone && box.current) stop = m.startAlarmMap(box.current, city, lang.peek(), (id) => go({ item: id }, true));
    }, () => undefined);
    return () => {
      gone = true;
      stop?.();
    };
  }, [alarms.map((a) => `${a.id}${a.last}`).join()]);
  void view.value.item;
  return <div class="map-panel alarm-map"><div ref={box} class="map" /><p class="attribution">{city.attribution.join(" · ")}{city.approval_no && ` · ${words.value.app.approval} ${city.approval_no}`}</p></div>;
}
