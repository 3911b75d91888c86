// Which small pieces do all panels share? Icons, states of a panel, buttons that wait, the picture of a trend.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Problem } from "./api";
import { sentence } from "./store";
import { words } from "./words";

const PATHS = {
  search: "M10.5 4a6.5 6.5 0 1 0 4 11.6l4.4 4.4 1.1-1.1-4.4-4.4A6.5 6.5 0 0 0 10.5 4Zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8Z",
  close: "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4Z",
  back: "M11 5 4 12l7 7 1.2-1.2L7.3 12.8H20v-1.6H7.3l4.9-5Z",
  layers: "M12 3 2.5 8 12 13l9.5-5Zm-7.6 8.3L2.5 12.3 12 17.3l9.5-5-1.9-1L12 15.3Zm0 4.3-1.9 1L12 21.6l9.5-5-1.9-1L12 19.6Z",
  filter: "M3 5h18v1.6l-7 7V20l-4-2v-4.4l-7-7Z",
  play: "M7 4.5v15l12-7.5Z",
  pause: "M6 4.5h4v15H6Zm8 0h4v15h-4Z",
  print: "M7 3h10v5H7Zm-3 6h16a1 1 0 0 1 1 1v7h-4v4H7v-4H3v-7a1 1 0 0 1 1-1Zm4.6 6v4.4h6.8V15Z",
  link: "M10.6 13.4a4 4 0 0 1 0-5.6l3-3a4 4 0 0 1 5.6 5.6l-1.7 1.7-1.1-1.1 1.7-1.7a2.4 2.4 0 0 0-3.4-3.4l-3 3a2.4 2.4 0 0 0 0 3.4Zm2.8-2.8a4 4 0 0 1 0 5.6l-3 3a4 4 0 0 1-5.6-5.6l1.7-1.7 1.1 1.1-1.7 1.7a2.4 2.4 0 0 0 3.4 3.4l3-3a2.4 2.4 0 0 0 0-3.4Z",
  next: "M6 4.5v15l9-7.5ZM16.5 4.5h2v15h-2Z",
  home: "M12 3.5 3 11h2.5v9h5v-6h3v6h5v-9H21Z",
  user: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0 10c4.4 0 8 2.2 8 5v1H4v-1c0-2.8 3.6-5 8-5Z",
  menu: "M4 6h16v1.7H4Zm0 5.2h16v1.7H4Zm0 5.1h16V18H4Z",
  target: "M11.2 2h1.6v3.1a7 7 0 0 1 6.1 6.1H22v1.6h-3.1a7 7 0 0 1-6.1 6.1V22h-1.6v-3.1a7 7 0 0 1-6.1-6.1H2v-1.6h3.1a7 7 0 0 1 6.1-6.1Zm.8 4.6a5.4 5.4 0 1 0 0 10.8 5.4 5.4 0 0 0 0-10.8Zm0 3.2a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z",
  download: "M11.2 4h1.6v8.3l3-3L17 10.4l-5 5-5-5 1.2-1.1 3 3ZM4 18.4h16V20H4Z",
  upload: "M12 4 7 9l1.2 1.2 3-3V15.5h1.6V7.2l3 3L17 9Zm-8 14.4h16V20H4Z",
  check: "m9.5 17.6-5.1-5.1 1.3-1.3 3.8 3.9 8.8-8.9 1.3 1.3Z",
  plus: "M11.2 5h1.6v6.2H19v1.6h-6.2V19h-1.6v-6.2H5v-1.6h6.2Z",
  minus: "M5 11.2h14v1.6H5Z",
  undo: "M8 4 3 9l5 5 1.2-1.2L6.2 9.8H14a4.4 4.4 0 0 1 0 8.8H8v1.6h6a6 6 0 0 0 0-12H6.2l3-3Z",
  table: "M4 5h16v14H4Zm1.6 1.6v3h12.8v-3Zm0 4.6v2.4h5.6v-2.4Zm7.2 0v2.4h5.6v-2.4Zm-7.2 4v2.2h5.6v-2.2Zm7.2 0v2.2h5.6v-2.2Z",
  warn: "M12 3.5 22 20.5H2Zm-.8 6v5.5h1.6V9.5Zm0 7v1.7h1.6v-1.7Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="currentColor" />
    </svg>
  );
}

/** A button with an icon and a name; the name is always there for those who cannot see the icon. */
export function IconButton(props: { icon: IconName; label: string; onClick: () => void; pressed?: boolean; class?: string; disabled?: boolean }) {
  return (
    <button type="button" class={`icon-button ${props.class ?? ""}`} aria-label={props.label} title={props.label} aria-pressed={props.pressed} disabled={props.disabled} onClick={props.onClick}>
      <Icon name={props.icon} />
    </button>
  );
}

/** A button that cannot be pressed twice while its act runs. */
export function ActButton(props: { act: () => Promise<unknown>; children: ComponentChildren; class?: string; disabled?: boolean; icon?: IconName }) {
  const busy = useSignal(false);
  const press = async () => {
    if (busy.value) return;
    busy.value = true;
    try {
      await props.act();
    } finally {
      busy.value = false;
    }
  };
  return (
    <button type="button" class={`button ${props.class ?? ""}`} disabled={props.disabled || busy.value} aria-busy={busy.value} onClick={press}>
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
}

export type State<T> = { kind: "loading" } | { kind: "failed"; why: unknown } | { kind: "ready"; value: T };

/** A panel is loading, failed, forbidden, empty or full; each says so in words. */
export function Panel<T>(props: { state: State<T>; again?: () => void; empty?: (value: T) => ComponentChildren | null; children: (value: T) => ComponentChildren }) {
  const w = words.value.app;
  const { state } = props;
  if (state.kind === "loading") return <Skeleton />;
  if (state.kind === "failed") {
    const forbidden = state.why instanceof Problem && state.why.status === 403;
    return (
      <div class="state" role={forbidden ? undefined : "alert"}>
        <Icon name="warn" />
        <p>{forbidden ? w.noRight : sentence(state.why)}</p>
        {!forbidden && props.again && <button type="button" class="button" onClick={props.again}>{w.retry}</button>}
      </div>
    );
  }
  const empty = props.empty?.(state.value);
  return <>{empty ? <div class="state">{empty}</div> : props.children(state.value)}</>;
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label={words.value.app.loading}>
      {Array.from({ length: lines }, (_, i) => <span key={i} class={`bone b${i % 3}`} />)}
    </div>
  );
}

/** Twelve months as a small line; the figures are in its label. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  if (values.length < 2) return null;
  const top = Math.max(1, ...values);
  const step = 64 / (values.length - 1);
  const at = values.map((v, i) => `${(i * step + 1).toFixed(1)},${(19 - (v / top) * 17).toFixed(1)}`);
  return (
    <svg class="spark" viewBox="0 0 66 20" width="66" height="20" role="img" aria-label={`${label}: ${values.join(", ")}`}>
      <polygon points={`1,19 ${at.join(" ")} 65,19`} />
      <polyline points={at.join(" ")} />
    </svg>
  );
}

/** A dialog that traps the focus and gives it back (the browser's own). */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} aria-label={props.title} onClose={props.onClose}>
      <header class="dialog-head">
        <h2>{props.title}</h2>
        <IconButton icon="close" label={words.value.app.close} onClick={props.onClose} />
      </header>
      {props.children}
    </dialog>
  );
}

export function Field(props: { label: string; hint?: string; error?: string | null; children: (id: string) => JSX.Element }) {
  const key = useRef(`f${Math.random().toString(36).slice(2, 9)}`).current;
  return (
    <div class="field">
      <label for={key}>{props.label}</label>
      {props.children(key)}
      {props.hint && <p class="hint" id={`${key}-hint`}>{props.hint}</p>}
      {props.error && <p class="error" role="alert">{props.error}</p>}
    </div>
  );
}

/** The sign of the program: a road that runs away, its line broken. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="36" height="36" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#12303b" />
      <path d="M9 26 14 6h4l5 20" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round" />
      <path d="M16 9v3m0 3v3m0 3v4" stroke="#fecc5c" stroke-width="2.2" stroke-linecap="round" />
    </svg>
  );
}
