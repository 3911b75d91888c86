// Is a gate drawn as it is manned, and is only that offered which the server takes?
import { beforeEach, describe, expect, test } from "vitest";
import type { Duty } from "../src/api_duty";
import { offered, ownSquad } from "../src/duty_rights";
import { gateState } from "../src/gate_state";
import { session } from "../src/store";
import { remember } from "../src/words";
import { personName } from "../src/words/duty";

const core = (person: string | null) => ({ person, accepts: ["police", "auxiliary"] });
const support = (person: string | null) => ({ person, accepts: ["volunteer", "parent"] });

describe("a gate", () => {
  test("with police is covered, whether or not supporters come", () => {
    expect(gateState([core("1"), support(null)])).toBe("covered");
  });
  test("with supporters only is not drawn as covered", () => {
    expect(gateState([support("1"), support(null)])).toBe("support");
  });
  test("whose support posts are all vacant is open", () => {
    expect(gateState([support(null), support(null)])).toBe("open");
  });
  test("with one police post uncovered is open, whoever stands at the others", () => {
    expect(gateState([core("1"), core(null), support("2")])).toBe("open");
  });
});

describe("a duty", () => {
  const now = { today: "2025-03-10", minute: 480 };
  const duty = (day: string, person: string | null = "1") => ({ day, start: 430, person, squad: "一中队", accepts: [], signs: [] }) as unknown as Duty;
  const roster = (state = "published") => ({ roster: { state }, people: [{ id: "1", name: "甲", role: "police", squad: "一中队", simulated: true }, { id: "2", name: "乙", role: "police", squad: "二中队", simulated: true }] });
  const as = (power: string, unit: string | null) => {
    session.value = { user: { name: "x", title: "", role: "", role_title: "", unit, must_change: false }, rights: { sites: { scope: "all", power } } } as unknown as typeof session.value;
  };
  beforeEach(() => as("propose", "一中队"));

  test("to come can be given to another, not noted as missed", () => {
    expect(offered(roster(), duty("2025-03-11"), now)).toEqual({ swap: true, missed: false });
  });
  test("that has begun can be noted as missed, not given to another", () => {
    expect(offered(roster(), duty("2025-03-10"), now)).toEqual({ swap: false, missed: true });
  });
  test("of another squad is left alone below the power to edit", () => {
    expect(offered(roster(), duty("2025-03-11", "2"), now)).toEqual({ swap: false, missed: false });
    as("edit", null);
    expect(offered(roster(), duty("2025-03-11", "2"), now)).toEqual({ swap: true, missed: false });
  });
  test("offers nothing to an officer, and nothing while the day is not known", () => {
    expect(offered(roster(), duty("2025-03-11"), null)).toEqual({ swap: false, missed: false });
    as("comment", "一中队");
    expect(offered(roster(), duty("2025-03-11"), now)).toEqual({ swap: false, missed: false });
    expect(ownSquad("一中队")).toBe(true);
    expect(ownSquad("二中队")).toBe(false);
  });
});

test("who is known by a number only has an English name on the English page", () => {
  expect(personName("家长84号")).toBe("家长84号");
  remember("en");
  expect(personName("家长84号")).toBe("Parent no. 84");
  expect(personName("模建国")).toBe("模建国");
  remember("zh");
});
