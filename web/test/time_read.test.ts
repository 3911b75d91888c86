// Which texts are dates of the window?
import { expect, test } from "vitest";
import { readDate } from "../src/time";

test("a date is read in the writings people use, and nonsense is not a date", () => {
  for (const text of ["2024-04-08", "2024/4/8", "2024.4.8", "2024年4月8日", "20240408", "8 Apr 2024", "Apr 8, 2024", "２０２４-04-08"]) expect(readDate(text), text).toBe("2024-04-08");
  expect(readDate(" ")).toBeNull();
  for (const text of ["2024-13-01", "2024-02-30", "gestern", "8.4."]) expect(readDate(text), text).toBeUndefined();
});
