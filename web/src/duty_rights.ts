// How far may this person go with posts and rosters? The server checks again.
import { power } from "./store";

const STRENGTH = ["none", "read", "verify", "comment", "propose", "draft", "edit", "approve", "sign"];

export const atLeast = (least: string): boolean => STRENGTH.indexOf(power("sites")) >= STRENGTH.indexOf(least);
