// What does the page of plans say? Both languages side by side, typed by the Chinese one.
import { computed } from "@preact/signals";
import { lang } from "./index";

const zh = {
  title: "措施方案", lead: "有限的钱先治哪里、上什么：按每万元能减少的工单，求出可证明的最优组合", make: "求方案", again: "按此再求", stop: "停止，保留目前最好", name: "方案名称", sites: "考虑最严重的点位数",
  budgets: "各部门预算（元）", addDepartment: "再加一个部门", mode: "目标", modes: { expected: "期望值", cautious: "稳妥（只承诺八成把握的效果）", robust: "防几处失灵", net: "净收益" } as Record<string, string>, value: "少一件工单值多少元",
  status: { optimal: "已证明最优", gap: "目前最好", infeasible: "要求互相矛盾", unknown: "没有求出" } as Record<string, string>, benefit: "五年少发工单（加权）", cost: "费用", spent: "已用", budget: "预算", margin: "再给一万元可少", binds: "已用到头", slack: "有余",
  site: "点位", measures: "措施", range: "八成把握区间", stability: "稳定性", doubtful: "存疑", evidence: "证据", evaluate: "评估", days: (n: number) => `${n} 天后`, pin: "必上", forbid: "不上", free: "取消", why: "为什么", adopt: "转为个案", adopted: "已转为个案", cases: (n: number) => `已生成 ${n} 个个案`,
  frontier: "钱与效果", ranking: (n: string) => `比逐项排名多少发 ${n} 件`, plans: "已有方案", none: "还没有方案。填好预算，点“求方案”。", compare: "对照", compareNone: "不对照", only: "只在此方案", both: "两个方案都有", print: "打印",
  defaultPrice: "单价为目录默认估价，未经本市核定", simulated: "模拟数据", conflict: "矛盾的要求", repair: "最省的出路：再给", drop: "或放弃", without: "没有预算的部门（其措施未考虑）：", controls: "留作对照",
  whyIn: (loss: string) => `在方案里。去掉它会多发 ${loss} 件`, whyOut: (loss: string) => `不在方案里。硬要上会多发 ${loss} 件`, replaces: "换上：", leaves: "让位：", blocked: "不可能，因为：", map: "所选措施位置",
};
type Words = typeof zh;
const en: Words = {
  title: "Plan of measures", lead: "What to treat first and how: the proved best set for the money", make: "Make the plan", again: "Make again with this", stop: "Stop, keep the best", name: "Name of the plan", sites: "Worst sites considered",
  budgets: "Budgets by department (yuan)", addDepartment: "One more department", mode: "Aim", modes: { expected: "Expected", cautious: "Cautious (promise what is 80 % sure)", robust: "Guard against failures", net: "Net benefit" }, value: "Yuan a prevented ticket is worth",
  status: { optimal: "Proved optimal", gap: "Best so far", infeasible: "Demands contradict each other", unknown: "None found" }, benefit: "Weighted tickets prevented in five years", cost: "Cost", spent: "Spent", budget: "Budget", margin: "10,000 yuan more prevent", binds: "binds", slack: "to spare",
  site: "Site", measures: "Measures", range: "80 % interval", stability: "Stability", doubtful: "doubtful", evidence: "Evidence", evaluate: "Look", days: (n) => `after ${n} days`, pin: "Must", forbid: "Never", free: "Free", why: "Why", adopt: "Make cases", adopted: "Cases were made", cases: (n) => `${n} cases made`,
  frontier: "Money and effect", ranking: (n) => `${n} tickets more prevented than by ranking`, plans: "Plans", none: "No plan yet. Give budgets and make one.", compare: "Compare", compareNone: "alone", only: "only here", both: "in both", print: "Print",
  defaultPrice: "Prices are default estimates of the catalogue, not confirmed by the city", simulated: "simulated data", conflict: "Demands that contradict", repair: "Cheapest way out: add", drop: "or give up", without: "Departments without a budget (their measures are left out):", controls: "kept as controls",
  whyIn: (loss) => `In the plan. Without it ${loss} more tickets`, whyOut: (loss) => `Not in the plan. Forcing it costs ${loss} tickets`, replaces: "Instead:", leaves: "Leaves:", blocked: "Impossible, because of:", map: "Where the chosen measures stand",
};
export const planWords = computed<Words>(() => (lang.value === "en" ? en : zh));
