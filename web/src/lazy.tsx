// How does a page load its code only when it is opened?
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { sentence } from "./store";
import { Skeleton } from "./ui";

export function lazyPage(load: () => Promise<ComponentType>): ComponentType {
  const got = signal<ComponentType | null>(null);
  const failed = signal<unknown>(null);
  let asked = false;
  return function Lazy() {
    if (!asked) {
      asked = true;
      load().then((c) => (got.value = c), (why) => (failed.value = why));
    }
    const Page = got.value;
    if (Page) return <Page />;
    return failed.value ? <div class="state" role="alert">{sentence(failed.value)}</div> : <Skeleton />;
  };
}
