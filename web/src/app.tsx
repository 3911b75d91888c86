// Which page is shown? Signed out, the login; signed in, what the address says.
import { page, view } from "./state";
import { session } from "./store";
import { LoginPage } from "./pages/login";
import { Workspace } from "./pages/workspace";
import { Notes, pagesOf, Shell } from "./shell";
import { Skeleton } from "./ui";
import { lazyPage } from "./lazy";

const Compare = lazyPage(() => import("./pages/compare").then((m) => m.ComparePage));
const Alarm = lazyPage(() => import("./pages/alarm").then((m) => m.AlarmPage));
const Methods = lazyPage(() => import("./pages/methods").then((m) => m.MethodsPage));
const Cases = lazyPage(() => import("./pages/cases").then((m) => m.CasesPage));
const Plan = lazyPage(() => import("./pages/plan").then((m) => m.PlanPage));
const Import = lazyPage(() => import("./pages/import").then((m) => m.ImportPage));
const Review = lazyPage(() => import("./pages/review").then((m) => m.ReviewPage));
const Duty = lazyPage(() => import("./pages/duty").then((m) => m.DutyPage));
const Schools = lazyPage(() => import("./pages/schools").then((m) => m.SchoolsPage));
const My = lazyPage(() => import("./pages/my").then((m) => m.MyPage));
const Wall = lazyPage(() => import("./pages/wall").then((m) => m.WallPage));
const Users = lazyPage(() => import("./pages/users").then((m) => m.UsersPage));
const Audit = lazyPage(() => import("./pages/audit").then((m) => m.AuditPage));
const Account = lazyPage(() => import("./pages/account").then((m) => m.AccountPage));

const PAGE = { map: Workspace, compare: Compare, alarm: Alarm, methods: Methods, cases: Cases, plan: Plan, import: Import, review: Review, duty: Duty, schools: Schools, my: My, wall: Wall, users: Users, audit: Audit, account: Account };

export function App() {
  const who = session.value;
  if (who === undefined) return <main class="waiting"><Skeleton lines={3} /></main>;
  if (who === null) return <><LoginPage /><Notes /></>;
  if (who.user.must_change) return <Shell><Account /></Shell>;
  void view.value;
  // Without an address the role's own first page opens; an address that the role may not see says so itself.
  const Page = PAGE[location.hash ? page.value : pagesOf()[0]!];
  return <Shell><Page /></Shell>;
}
