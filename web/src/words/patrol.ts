// What does the panel of motor patrols say?
import { computed } from "@preact/signals";
import { lang } from "./index";

const zh = {
  title: "机动巡逻环线", lead: "沿最严重的点位停留 10–16 分钟，按路网和单行道行驶。到访时段取自点位自己的钟点和星期；同一点位两次到访间隔 60–120 分钟；抽取使到访不可预测。",
  date: "日期", start: "开始", units: "单元数", shift: "时长（分钟）", sites: "候选点位", dwell: "停留（分钟）", draw: "在最优 1% 内随机", go: "规划", unit: "单元", back: "返回",
  sum: (a: string, b: string, t: number) => `这样的班每执行一百次，预计少发 ${a} 件（加权，到访后两小时内），上界 ${b} 件；行车 ${t} 分钟`, proved: "已证最优", gap: "最好解，未证最优",
  worth: (a: string) => `每百次少发 ${a}`, again: (n: number) => `第 ${n} 次到此`, window: (a: string, b: string) => `可到访 ${a}–${b}`,
  off: "路网不可达", vain: "巡逻对其问题类别无效", none: "没有可到访的点位", before: "此前的规划", open: "打开", by: (who: string) => `${who} 规划`, map: "地图文件", calendar: "日历", print: "打印", simulated: "模拟数据",
  note: "效果按措施目录“动态巡逻”的倍数估算（本市实测会并入），不是承诺。",
};

const en: typeof zh = {
  title: "Motor patrols", lead: "Stays of 10–16 minutes at the worst sites, on the road network with its one-way streets. Windows follow each site's own hours and weekdays; two stays at a site lie 60–120 minutes apart; a draw makes visits unforeseeable.",
  date: "Day", start: "Begin", units: "Units", shift: "Minutes", sites: "Sites offered", dwell: "Stay (min)", draw: "Draw within 1 % of the best", go: "Plan", unit: "Unit", back: "back",
  sum: (a, b, t) => `a hundred such shifts prevent ${a} weighted tickets in the two hours after the stays, at most ${b}; ${t} min on the road`, proved: "proved best", gap: "best found, not proved",
  worth: (a) => `${a} per hundred`, again: (n) => `stay no. ${n} here`, window: (a, b) => `window ${a}–${b}`,
  off: "not reachable", vain: "kinds a patrol does nothing about", none: "No site to visit", before: "Earlier plans", open: "Open", by: (who) => `by ${who}`, map: "Map file", calendar: "Calendar", print: "Print", simulated: "simulated data",
  note: "Effects are those of “roving patrol” in the catalogue of measures (own results joined in), no promise.",
};

export const patrolWords = computed(() => (lang.value === "en" ? en : zh));
