// What do the lens, the comparison, the alarms, the methods and the corrections of sites say? Both languages, typed by the Chinese one.
import { computed } from "@preact/signals";
import { lang } from "./index";

const zh = {
  meaning: {
    gi: "橙色：邻域内诉求多于随机所能解释；紫色：少于。虚线框的近白色为不显著。", emerging: "每个网格按近 26 期（每期 4 周）的历史归类；字母为类别首字，近白色虚线框为无明显模式。",
    moran: "高-低：安静处的孤立高点；低-高：热闹处的空洞，常为数据缺口。近白色虚线框为不显著。", change: "橙色：后期比前期变多；紫色：变少；虚线框的近白色：变化不显著。", network: "沿道路的核密度，只用于查看，不作检验；颜色越深越密，未着色路段低于中位。",
  } as Record<string, string>,
  options: {
    tickets: "工单", callers: "诉求人", caller_weeks: "诉求人·周", severity: "严重度", bh: "BH（默认）", by: "BY", none: "不校正", cube: "整个时空立方", step: "本期", days: "按天数", city: "按全市变化", simple: "最短路", esd: "等分（止于断头）", esc: "等分（反射）",
    permutation: "时空置换", poisson: "泊松", bernoulli: "伯努利", quartic: "四次核", gaussian: "高斯核",
  } as Record<string, string>,
  /** The notes of the methods come in Chinese; other languages say them by their code. */
  notes: {} as Record<string, string>,
  areas: {} as Record<string, string>,
  params: {} as Record<string, string>,
  settings: "方法参数", defaults: "恢复默认", mask: "只比较有道路的网格", before: "前期", after: "后期", drawn: (n: string) => `图上画出有诉求或有判定的 ${n} 个`, noPeriods: "请给出前后两期的起止日期", emptyWindow: "所选时间与条件下没有可比较的工单：放宽时间窗或清除筛选",
  compare: "两期对比", swipe: "两期分界，左右方向键移动", swipeLeft: "分界左移", swipeRight: "分界右移", difference: "差异图", changed: "变化最大的点位", changedLead: "按精确检验的显著程度排列；显著性按 BH 校正", times: "倍数", judged: "判断", ratio: (r: string) => `按天数折算为前期的 ${r} 倍`,
  key: "工单数（两侧同一分级）", none: "两期内都没有点位的工单", versusYear: "与去年同期", versusBefore: "与前一时段", swapNote: "右侧为后期；拖动分界或用方向键",
  alarmLead: "时空置换扫描：以近 52 周为背景，看近 1–8 周有没有地方突然变多。重现期为“纯属偶然时，多久才会出现一次这样的聚集”；满一年且不少于 3 人反映才报警，满五年为强预警。每满一周夜间自动计算并保存。", noRuns: "还没有算过预警", noRunsHint: "工单满十周后，夜间自动计算；也可以现在就算。", nextWeeks: "现在就算", replay: "重算近 26 周", upToDate: "已是最新：下一周满后自动计算",
  nextRun: (d: string) => `下一周止于 ${d}，数据到齐后自动计算`, computedAt: (t: string) => `算于 ${t}`,
  openAlarms: "当前预警", pastAlarms: "已结束的预警", allQuiet: (d: string) => `截至 ${d} 没有达到报警标准的聚集`, weeks: "每周最强聚集的重现期", weeksLead: "横线为一年；橙色的一周有预警（重现期满一年且不少于 3 人反映）；对数刻度", where: "地点", state: "状态", window: "时间窗", seen: "实际 / 预期", people: "反映人", recurrence: "重现期", since: "首次报警", strong: "曾达五年一遇", toldNow: "本周新报", radius: (m: string) => `半径 ${m} 米`,
  states: { open: "进行中", quiet: "趋于平静", over: "已结束" } as Record<string, string>, everyYears: (y: string) => `${y} 年一遇`, everyDays: (d: string) => `${d} 天一遇`, oneYear: "1 年", weekEnd: "周末日", alarmsSeen: "预警",
  said: (a: { from: string; to: string; radius: string; seen: string; expected: string; people: string; rare: string }) => `${a.from} 至 ${a.to}，半径 ${a.radius} 米内 ${a.seen} 件（${a.people} 人反映），按本地往年份额与全市同期应为 ${a.expected} 件；纯属偶然约 ${a.rare}。`,
  course: "逐周经过", told: "报警", insideSites: "范围内的点位（时间窗内件数）", insideTickets: "范围内的工单", onMap: "在地图上看", noSite: "范围内尚无点位", allTickets: (n: string) => `共 ${n} 件，显示最新 8 件`,
  methodsLead: "全部热点方法：参数来自同一处定义，对当前筛选的工单运行；同一数据、筛选与参数只算一次。", runsOn: "输入：", run: "运行", running: "正在运行…", cancel: "取消", doc: "完整说明（英文：公式、出处、代价、边界情形、例子）", cut: "长列表只传前 5,000 项，完整结果请导出", leftOut: (n: string) => `${n} 件无精确位置未计入`, used: (n: string) => `${n} 件工单参与`, allTime: "全部时间", setWindow: "在地图页设定筛选", where2: "在地图上看", rows: (n: string, all: string) => `显示前 ${n} 行，共 ${all} 行`, raw: "其余结果（JSON）", asks: "回答什么", when: "何时用", read: "怎样读",
  edit: "更正点位", editLead: "立即生效，并在以后每次生成点位时保持；全部记入审计", rename: "改名", move: "移动", moveHere: "移到地图中心", merge: "并入其他点位", split: "拆分", pin: "固定", unpin: "取消固定", pinHint: "固定后不会沉寂，也不会被并入其他点位", newName: "新名称", into: "并入", chooseSite: "选择邻近点位", splitLead: "勾选要拆出的工单", splitName: "新点位名称（可不填）", edited: "已更正", done: "执行",
  movePoint: "移到（经度, 纬度）", moveBad: "请写成 113.7401, 34.7101 这样的经度和纬度", mergeLead: "本点位的工单并入所选点位，本点位的编号仍可查到", noNeighbours: "附近没有可并入的点位", splitCount: (n: string) => `拆出 ${n} 件`, sure: "再点一次确认", undo: "撤销", undoTitle: "可撤销的合并与拆分", undoLead: "撤销后两个点位恢复原编号；其间新来的工单归较近的一个", mergedInto: (a: string, b: string) => `${a} 并入 ${b}`, splitFrom: (a: string, b: string) => `${b} 从 ${a} 拆出`, siteNo: (id: string) => `点位 ${id}`, goTo: (name: string) => `打开${name}`, more: (n: string) => `只列出前 ${n} 件`,
  basis: (n: string, cells: string) => (cells ? `${n} 件参与，比较 ${cells} 个网格` : `${n} 件在道路 40 米内`), steps: (n: number, days: number) => `${n} 期，每期 ${days} 天`,
  picture: "图片", simulated: "模拟数据", made: (at: string) => `制图 ${at}`,
};

export type HotWords = typeof zh;

const en: HotWords = {
  meaning: {
    gi: "Orange: the neighbourhood has more demands than chance explains; purple: fewer. Nearly white with a dotted edge: not significant.", emerging: "Each cell by its history of 26 steps of 4 weeks; the letter is the first of the class; nearly white with a dotted edge: no pattern.",
    moran: "High-low: a lone loud cell in a quiet place; low-high: a hole amid noise, often missing data. Nearly white with a dotted edge: not significant.", change: "Orange: more in the later period; purple: fewer; nearly white with a dotted edge: not significant.", network: "Kernel density along roads, for looking, not a test; darker is denser, roads without colour lie below the median.",
  },
  options: {
    tickets: "Tickets", callers: "Petitioners", caller_weeks: "Petitioner weeks", severity: "Severity", bh: "BH (default)", by: "BY", none: "None", cube: "Whole cube", step: "Own step", days: "By days", city: "By the city's change", simple: "Shortest path", esd: "Equal split, ends", esc: "Equal split, reflected",
    permutation: "Space-time permutation", poisson: "Poisson", bernoulli: "Bernoulli", quartic: "Quartic", gaussian: "Gaussian",
  },
  notes: {
    AREA_FROM_TICKETS: "No study area is known: cells with tickets and their neighbours stand for it", CAPPED: "Values of some cells were cut at the cap", EXACT_REFUSED: "Values or neighbourhoods are too wide: the exact test would take too long", INSUFFICIENT_HISTORY: "Too few steps of history", LEFT_OUT: "Tickets that are placed only to a road, stretch or area are not counted in cells",
    NOT_WHOLE: "Values are not whole numbers: no exact test", NO_CASES: "No cases: nothing to scan", NO_EVENTS: "No tickets", NO_VARIANCE: "All cells have the same value: nothing to compare", TOO_FEW: "Too few tickets or cells: no judgement of significance", NOT_A_TEST: "A density is for looking, not a test", COVERS_AREA: "The neighbourhood covers the whole study area: nothing to compare", NO_NEIGHBOURS: "A cell has no neighbours", PILE_UP: "Tickets piled up on one coordinate are not counted",
  },
  areas: { jurisdiction_roads: "cells of the jurisdiction with a road", jurisdiction: "all cells of the jurisdiction", tickets_dilated: "cells with tickets and their neighbours", cells_with_tickets: "cells with tickets" },
  params: {},
  settings: "Settings of the method", defaults: "Back to defaults", mask: "Only cells with a road", before: "Earlier", after: "Later", drawn: (n) => `${n} with tickets or a verdict are drawn`, noPeriods: "Give the first and last day of both periods", emptyWindow: "Nothing to compare under this window and filter: widen the window or clear the filter",
  compare: "Two periods", swipe: "Border between the periods, arrow keys move it", swipeLeft: "Border to the left", swipeRight: "Border to the right", difference: "Difference", changed: "Sites that changed most", changedLead: "By the exact test, most significant first; corrected by BH", times: "Ratio", judged: "Verdict", ratio: (r) => `${r} times the earlier rate per day`,
  key: "Tickets (same classes on both sides)", none: "No site has a ticket in either period", versusYear: "With a year ago", versusBefore: "With the days before", swapNote: "The later period is on the right; drag the border or use the arrow keys",
  alarmLead: "Space-time permutation scan: against 52 weeks, did some place suddenly get more in the last 1 to 8 weeks? The recurrence interval says how rarely chance alone makes such a cluster; a year and three people make an alarm, five years a strong one. Every complete week is computed and kept at night.", noRuns: "No alarm was computed yet", noRunsHint: "With ten weeks of tickets it is computed at night; it can also be computed now.", nextWeeks: "Compute now", replay: "Replay 26 weeks", upToDate: "Up to date: the next week is computed once it is complete",
  nextRun: (d) => `The next week ends on ${d}; it is computed once its data are in`, computedAt: (t) => `computed ${t}`,
  openAlarms: "Alarms now", pastAlarms: "Past alarms", allQuiet: (d) => `Up to ${d} no cluster reached the bar`, weeks: "Recurrence interval of each week's strongest cluster", weeksLead: "The line is a year; orange weeks have an alarm (a year or more, and three people); logarithmic", where: "Place", state: "State", window: "Window", seen: "Seen / expected", people: "People", recurrence: "Recurrence", since: "First told", strong: "once five years", toldNow: "new this week", radius: (m) => `radius ${m} m`,
  states: { open: "open", quiet: "calming", over: "over" }, everyYears: (y) => `once in ${y} years`, everyDays: (d) => `once in ${d} days`, oneYear: "1 year", weekEnd: "Week ends", alarmsSeen: "Alarms",
  said: (a) => `${a.from} to ${a.to}: ${a.seen} tickets within ${a.radius} m by ${a.people} people, where its own share and the city's weeks make ${a.expected}; by chance alone ${a.rare}.`,
  course: "Week by week", told: "told", insideSites: "Sites inside (tickets in the window)", insideTickets: "Tickets inside", onMap: "On the map", noSite: "No site inside yet", allTickets: (n) => `${n} in all, the newest 8 are shown`,
  methodsLead: "All hotspot methods: parameters from their one definition, run on the tickets of the current filter; the same question is computed once.", runsOn: "Runs on: ", run: "Run", running: "Running…", cancel: "Cancel", doc: "About the method", cut: "lists are cut to 5,000 entries, export for all", leftOut: (n) => `${n} without a sharp place left out`, used: (n) => `${n} tickets`, allTime: "all time", setWindow: "Set the filter on the map", where2: "On the map", rows: (n, all) => `first ${n} of ${all} rows`, raw: "The rest (JSON)", asks: "Answers", when: "Use it", read: "Read it",
  edit: "Correct the site", editLead: "Takes effect at once and in every run after; all of it is audited", rename: "Rename", move: "Move", moveHere: "Move to the map's centre", merge: "Merge into another site", split: "Split", pin: "Pin", unpin: "Unpin", pinHint: "A pinned site never falls asleep and is never taken up by another", newName: "New name", into: "Into", chooseSite: "Choose a site nearby", splitLead: "Choose the tickets that leave", splitName: "Name of the new site (optional)", edited: "Corrected", done: "Do it",
  movePoint: "Move to (longitude, latitude)", moveBad: "Write longitude and latitude as 113.7401, 34.7101", mergeLead: "Its tickets join the chosen site; its number stays resolvable", noNeighbours: "No site near enough to merge into", splitCount: (n) => `Split off ${n}`, sure: "Press again to confirm", undo: "Take back", undoTitle: "Merges and splits that can be taken back", undoLead: "Both sites get their numbers back; tickets that came since go to the nearer one", mergedInto: (a, b) => `${a} into ${b}`, splitFrom: (a, b) => `${b} out of ${a}`, siteNo: (id) => `site ${id}`, goTo: (name) => `Open ${name}`, more: (n) => `only the first ${n} are listed`,
  basis: (n, cells) => (cells ? `${n} tickets, ${cells} cells compared` : `${n} tickets within 40 m of a road`), steps: (n, days) => `${n} steps of ${days} days`,
  picture: "Picture", simulated: "simulated data", made: (at) => `made ${at}`,
};

export const hotWords = computed<HotWords>(() => (lang.value === "en" ? en : zh));
