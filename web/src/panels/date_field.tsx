// How is a day asked for? In the reader's own writing: the browser's field would follow the language of the machine.
import { useSignal } from "@preact/signals";
import { readDate } from "../time";
import { day, words } from "../words";

export function DateField({ name, least, most, value, onPick }: { name: string; least: string; most: string; value: string | null; onPick: (date: string | null) => void }) {
  const bad = useSignal(false);
  const take = (field: HTMLInputElement) => {
    const date = readDate(field.value);
    bad.value = date === undefined || (date !== null && (date < least || date > most));
    if (!bad.value && date !== value) onPick(date ?? null);
  };
  return (
    <input key={value ?? ""} type="text" inputMode="numeric" class="date" aria-label={name} aria-invalid={bad.value} autocomplete="off" placeholder={words.value.time.dateHint} title={words.value.time.dateHint}
      defaultValue={value ? day(value) : ""} onChange={(e) => take(e.currentTarget)} onKeyDown={(e) => { if (e.key === "Enter") take(e.currentTarget); }} />
  );
}
