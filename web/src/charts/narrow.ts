// Is there room for a wide chart? On a phone charts are drawn narrower instead of smaller, so that their words stay readable.
export const narrow = (): boolean => typeof matchMedia !== "undefined" && matchMedia("(max-width: 760px)").matches;

/** Words in lines of at most `most` letters: at blanks where there are any, else letter by letter. */
export function wrapped(text: string, most: number): string[] {
  const parts = text.includes(" ") ? text.split(" ") : [...text];
  const glue = text.includes(" ") ? " " : "";
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + glue.length + part.length <= most) lines[lines.length - 1] = last + glue + part;
    else lines.push(part);
  }
  return lines;
}
