// How does a panel ask for something and forget answers that came too late?
import { signal, useSignalEffect, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { State } from "./ui";

/**
 * Loads whenever a signal that `ask` reads changes; an answer to an older question is thrown away.
 * What was shown stays until the new answer is there, unless `fresh` says that it is another thing.
 */
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T> | null, fresh?: () => unknown): { state: Signal<State<T>>; again: () => void } {
  const held = useMemo(() => {
    const state = signal<State<T>>({ kind: "loading" });
    const tick = signal(0);
    return { state, tick, again: () => void tick.value++, last: undefined as unknown };
  }, []);
  useSignalEffect(() => {
    void held.tick.value;
    const what = fresh?.();
    if (what !== held.last || held.state.peek().kind === "failed") held.state.value = { kind: "loading" };
    held.last = what;
    const stop = new AbortController();
    const asked = ask(stop.signal);
    asked?.then(
      (value) => {
        if (!stop.signal.aborted) held.state.value = { kind: "ready", value };
      },
      (why: unknown) => {
        if (!stop.signal.aborted) held.state.value = { kind: "failed", why };
      },
    );
    return () => stop.abort();
  });
  return { state: held.state, again: held.again };
}
