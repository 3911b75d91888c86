// Where does the page start?
import { render } from "preact";
import "./style/base.css";
import "./style/shell.css";
import "./style/panels.css";
import "./style/map.css";
import "./style/pages.css";
import "./style/duty.css";
import "./style/cases.css";
import "./style/plan.css";
import "./style/print.css";
import { App } from "./app";
import { lackHan, loadHan } from "./fonts";
import { begin } from "./store";

async function start(): Promise<void> {
  // Without a connection the letters of the system have to do.
  if (lackHan()) await loadHan().catch(() => undefined);
  render(<App />, document.getElementById("app")!);
  await begin();
}

void start();
