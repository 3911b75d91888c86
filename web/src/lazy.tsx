// How does a page or a part of one load its code only when it is opened?
import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { sentence } from "./store";
import { Skeleton } from "./ui";

export function lazyPage<P extends object = object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
  const got = signal<ComponentType<P> | null>(null);
  const failed = signal<unknown>(null);
  let asked = false;
  return function Lazy(props: P) {
    if (!asked) {
      asked = true;
      load().then((c) => (got.value = c), (why) => (failed.value = why));
    }
    const Page = got.value;
    if (Page) return <Page {...props} />;
    return failed.value ? <div class="state" role="alert">{sentence(failed.value)}</div> : <Skeleton />;
  };
}
