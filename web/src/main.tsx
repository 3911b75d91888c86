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
import { api } from "./api";
import { App } from "./app";
import { lackHan, loadHan } from "./fonts";
import { begin, session } from "./store";

async function start(): Promise<void> {
  // Without a connection the letters of the system have to do.
  if (lackHan()) await loadHan().catch(() => undefined);
  render(<App />, document.getElementById("app")!);
  await begin();
}

// What goes to paper is noted, whichever way the person prints; that it cannot be noted is no reason to stop the paper.
window.addEventListener("beforeprint", () => {
  if (session.peek()) void api.printed(location.hash).catch(() => undefined);
});

void start();
