// What do the pages of schools, posts and rosters say?
import { computed } from "@preact/signals";
import { lang } from "./index";

const zh = {
  week: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
  roles: { police: "民警", auxiliary: "辅警", volunteer: "志愿者", school_staff: "校方人员", parent: "家长" } as Record<string, string>,
  stages: { kindergarten: "幼儿园", primary: "小学", junior: "初中", senior: "高中", nine_year: "九年一贯制" } as Record<string, string>,
  peaks: { morning: "早高峰", noon_out: "午间放学", noon_in: "午间上学", afternoon: "下午放学", evening: "晚间放学" } as Record<string, string>,
  states: { draft: "草稿", published: "已发布", withdrawn: "已撤回" } as Record<string, string>,
  proofs: { optimal: "已证最优", gap: "最好解（附上界）", infeasible: "必保岗位无法全部覆盖", changed: "经人工换班" } as Record<string, string>,
  levels: { coverage: "覆盖权重", change: "变动岗次", fairness: "负荷平方和" } as Record<string, string>,
  reasons: { many_tickets: "工单多（前四分之一）", pupil_crash: "三年内涉学生事故", many_students: "1500 人以上", wide_road: "主干路或四车道以上", no_safe_crossing: "无信号灯无天桥" } as Record<string, string>,
  obstacles: { away: "请假", other_squad: "不属本中队", unskilled: "缺少资格", other_duty: "同时另有岗位", rest: "休息不足 11 小时", day_cap: "当日已满", week_cap: "本周已满", consecutive: "连续上岗过长", free: "可用" } as Record<string, string>,
  events: { made: "生成", published: "发布", withdrawn: "撤回", absence: "缺勤重排", swapped: "换班" } as Record<string, string>,
  duty: {
    title: "护学岗排班", lead: "由校门、铃声、人员和请假生成排班：先保覆盖，再少变动，再求公平；结果附上界。", make: "生成排班", from: "起", to: "止", squad: "中队", all: "全部中队",
    chains: "辅警可连续照看多个校门", home: "只排本中队人员", nextMonth: "下月", making: "正在求解", stop: "停止并保留当前最好解", list: "已有排班", none: "还没有排班",
    publish: "发布", withdraw: "撤回", xlsx: "下载表格", sheets: "打印岗位单", wall: "今日大屏", back: "返回列表", covered: "已覆盖", open: "未覆盖", bound: "上界", of: "共",
    day: "日期", time: "时间", post: "岗位", person: "人员", duty: "职责", lead1: "带班疏导、守护过街", assist: "协助疏导、守护过街", uncovered: "未覆盖", why: "为什么？", fairness: "公平性", share: ["人员", "身份", "此前", "岗次", "负荷", "合计", "早岗", "难点岗"],
    spread: (r: string, mean: string, lo: number, hi: number) => `${r}：人均 ${mean}，最少 ${lo}，最多 ${hi}`, ics: "日历", history: "经过", notes: "提示",
    absent: "登记缺勤并重排", cause: "原因（不写病情）", sick: "病假", replan: "重排", changed: (n: number) => `已重排，变动 ${n} 岗`, swap: "换人", swapTo: "改由", reason: "理由", give: "确认换班", nobody: "空缺",
    costs: (loss: number, who: string) => `可由 ${who} 上岗，但总权重减少 ${loss}，以下岗位将无人：`, impossible: "不可能：没有可用的人", conflict: "互相冲突的要求", isCovered: "已有人", standing: "当前排班中各人的情况",
    simulated: "人员为模拟", phones: "通讯录", phoneReason: "查看理由", show: "查看（将记入审计）",
  },
  posts: { title: "某日岗位需求", gate: "校门", need: "需求", window: "时间窗", points: "加分理由", units: "岗位数", weight: "权重", noSchool: "这一天不上课", gaps: "未排岗的校门", why: { no_bells: "没有铃声表", no_bell_today: "当日无铃声", bad_bell: "铃声有误" } as Record<string, string>, volunteers: "仅志愿者", override: "人工指定" },
  people: { title: "上岗人员", add: "新增人员", name: "姓名", role: "身份", squad: "中队", login: "系统账号", perDay: "每日上限", perWeek: "每周上限", phone: "电话（加密保存）", left: "不再排班", kept: "已保存", count: (n: number) => `${n} 人` },
  school: {
    title: "学校台账（一校一策）", lead: "校门、铃声、学区、问题、措施、岗位和评估日期；每校一页可打印。", take: "从地图导入学校", taken: (n: number) => `已导入 ${n} 所`, add: "新增学校", none: "还没有学校", sheet: "一校一页", edit: "编辑", name: "校名", stage: "学段", address: "地址", students: "学生数",
    squad: "辖区中队", gates: "校门", bells: "铃声", arrive: "上学", leave: "放学", at: "时间", until: "关门（幼儿园）", grades: "年级", days: "星期", everyDay: "每个上学日", after: "课后服务结束", boarding: "寄宿", buses: "校车与接送安排", catchment: "学区范围", contact: "学校联系部门", problems: "主要问题", measures: "治理措施", evaluation: "评估日期",
    closed: "调休日不上课", side: "所在道路一侧", crash: "三年内涉学生事故", wide: "主干路或四车道以上", unsafe: "过街处无信号灯、无天桥", set: "人工指定岗数", setReason: "理由", plus: "增加", minus: "删除", point: "经纬度（WGS-84）", posts: "近期岗位", observed: "到离校观测", noBells: "铃声未填，不排岗", simulated: "模拟数据",
    seen: { minutes: "观察分钟", stopped: "路中停车", illegal: "违停", queue_m: "最长排队（米）", crossing: "不走斑马线", conflicts: "险情" } as Record<string, string>,
  },
  my: {
    title: "我的岗位", none: "近期没有您的岗位", today: "今天", next: "接下来", in: "签到", out: "签退", incident: "上报情况", waiting: (n: number) => `${n} 条待发送，联网后自动补传`, sent: "已全部送达", offline: "网络已断开：签到照常记录，联网后补传", gps: "正在取得位置…", noGps: "未取得位置，仅记录时间", near: (m: number) => `距岗位 ${m} 米`,
    far: (m: number) => `距岗位 ${m} 米，超过 100 米`, done: (t: string) => `已签到 ${t}`, left: (t: string) => `已签退 ${t}`, note: "情况说明", send: "上报", cancel: "取消", observe: "到离校观测", observeLead: "站在校门口数一数，作为治理效果的第二个指标。", save: "保存观测", savedWatch: "已记录", cached: (t: string) => `离线显示，更新于 ${t}`, route: "路线",
  },
  wall: { title: "今日护学岗", signed: "已到岗", missing: "未到岗", later: "未到时间", next: (p: string, m: number) => `距${p}还有 ${m} 分钟`, none: "今天没有已发布的岗位", empty: "无人" },
  patrol: { title: "机动巡逻环线", lead: "沿最严重的点位停留 10–16 分钟，按路网和单行道行驶；抽取使到访不可预测。", units: "单元数", shift: "时长（分钟）", sites: "候选点位", dwell: "停留（分钟）", draw: "在最优 1% 内随机", go: "规划", unit: "单元", stop: "停留", back: "返回", sum: (a: string, b: string, t: number) => `价值 ${a}，上界 ${b}，行车 ${t} 分钟`, off: "路网不可达" },
  sheet: { title: "护学岗岗位单", all: "全部中队", print: "打印", note: "按时到岗、穿反光背心、先过街后疏导；有情况先报中队。", chain: "依次", scale: "米" },
};

const en: typeof zh = {
  week: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  roles: { police: "Officer", auxiliary: "Auxiliary", volunteer: "Volunteer", school_staff: "School staff", parent: "Parent" },
  stages: { kindergarten: "Kindergarten", primary: "Primary", junior: "Junior", senior: "Senior", nine_year: "Nine-year" },
  peaks: { morning: "Morning", noon_out: "Noon, leaving", noon_in: "Noon, arriving", afternoon: "Afternoon", evening: "Evening" },
  states: { draft: "Draft", published: "Published", withdrawn: "Withdrawn" },
  proofs: { optimal: "proved best", gap: "best found, with bound", infeasible: "not everything required can be covered", changed: "changed by hand" },
  levels: { coverage: "Weight covered", change: "Duties changed", fairness: "Σ load²" },
  reasons: { many_tickets: "many tickets (top quarter)", pupil_crash: "crash with a pupil in 3 years", many_students: "1,500 pupils or more", wide_road: "arterial or 4+ lanes", no_safe_crossing: "no signal, no bridge" },
  obstacles: { away: "on leave", other_squad: "other squad", unskilled: "not qualified", other_duty: "other duty then", rest: "less than 11 h rest", day_cap: "day is full", week_cap: "week is full", consecutive: "too many days in a row", free: "free" },
  events: { made: "made", published: "published", withdrawn: "withdrawn", absence: "absence, re-planned", swapped: "swapped" },
  duty: {
    title: "School-gate rosters", lead: "From gates, bells, people and leave: first coverage, then few changes, then fairness; with bounds.", make: "Make a roster", from: "From", to: "To", squad: "Squad", all: "All squads",
    chains: "Auxiliaries may serve several gates in turn", home: "Own squad only", nextMonth: "Next month", making: "Solving", stop: "Stop, keep the best so far", list: "Rosters", none: "No roster yet",
    publish: "Publish", withdraw: "Withdraw", xlsx: "Workbook", sheets: "Duty sheets", wall: "Wall display", back: "Back", covered: "covered", open: "uncovered", bound: "bound", of: "of",
    day: "Day", time: "Time", post: "Post", person: "Person", duty: "Duty", lead1: "Leads, guards the crossing", assist: "Assists, guards the crossing", uncovered: "uncovered", why: "Why?", fairness: "Fairness", share: ["Person", "Role", "Before", "Duties", "Load", "Sum", "Early", "Hard"],
    spread: (r, mean, lo, hi) => `${r}: mean ${mean}, least ${lo}, most ${hi}`, ics: "Calendar", history: "History", notes: "Notes",
    absent: "Note an absence and re-plan", cause: "Cause (nothing medical)", sick: "Sick leave", replan: "Re-plan", changed: (n) => `Re-planned, ${n} duties changed`, swap: "Swap", swapTo: "Give to", reason: "Reason", give: "Swap", nobody: "nobody",
    costs: (loss, who) => `${who} could serve it, at a loss of ${loss} in weight; these would be uncovered:`, impossible: "Impossible: nobody can", conflict: "Requirements that exclude each other", isCovered: "covered", standing: "Everybody in the present plan",
    simulated: "simulated people", phones: "Phone list", phoneReason: "Reason", show: "Show (audited)",
  },
  posts: { title: "Posts of a day", gate: "Gate", need: "Need", window: "Window", points: "Points", units: "Units", weight: "Weight", noSchool: "No school on this day", gaps: "Gates without posts", why: { no_bells: "no bell table", no_bell_today: "no bell today", bad_bell: "bad bell" }, volunteers: "volunteers only", override: "set by hand" },
  people: { title: "People", add: "Add a person", name: "Name", role: "Role", squad: "Squad", login: "Account", perDay: "Most a day", perWeek: "Most a week", phone: "Phone (sealed)", left: "No longer rostered", kept: "Saved", count: (n) => `${n} people` },
  school: {
    title: "School register", lead: "Gates, bells, catchment, problems, measures, posts, evaluation day; one printable page per school.", take: "Take from the map", taken: (n) => `${n} schools taken`, add: "Add a school", none: "No school yet", sheet: "One page", edit: "Edit", name: "Name", stage: "Stage", address: "Address", students: "Pupils",
    squad: "Squad", gates: "Gates", bells: "Bells", arrive: "arrive", leave: "leave", at: "At", until: "Doors close", grades: "Grades", days: "Weekdays", everyDay: "every school day", after: "After-school ends", boarding: "Boarding", buses: "Buses", catchment: "Catchment", contact: "Office", problems: "Problems", measures: "Measures", evaluation: "Evaluated on",
    closed: "Closed on make-up days", side: "Side of the road", crash: "Crash with a pupil in 3 years", wide: "Arterial or 4+ lanes", unsafe: "No signal, no bridge", set: "Units set by hand", setReason: "Reason", plus: "Add", minus: "Remove", point: "Longitude, latitude (WGS-84)", posts: "Posts", observed: "Bell-time observations", noBells: "no bells: not rostered", simulated: "simulated data",
    seen: { minutes: "Minutes", stopped: "Stopped", illegal: "Illegal", queue_m: "Queue m", crossing: "Off crossing", conflicts: "Near misses" },
  },
  my: {
    title: "My post", none: "No duty of yours soon", today: "Today", next: "Next", in: "Check in", out: "Check out", incident: "Report", waiting: (n) => `${n} waiting, sent when connected`, sent: "All sent", offline: "No connection: signs are kept and sent later", gps: "Finding the place…", noGps: "No fix, time only", near: (m) => `${m} m from the post`,
    far: (m) => `${m} m from the post, more than 100 m`, done: (t) => `In at ${t}`, left: (t) => `Out at ${t}`, note: "What happened", send: "Report", cancel: "Cancel", observe: "Bell-time observation", observeLead: "Count at the gate: a second outcome for the effect of measures.", save: "Save", savedWatch: "Saved", cached: (t) => `Offline, as of ${t}`, route: "Route",
  },
  wall: { title: "School duty today", signed: "present", missing: "missing", later: "not yet", next: (p, m) => `${p} in ${m} min`, none: "No published duty today", empty: "nobody" },
  patrol: { title: "Motor patrols", lead: "Stays of 10–16 minutes at the worst sites, on the road network with its one-way streets; a draw makes visits unforeseeable.", units: "Units", shift: "Minutes", sites: "Sites offered", dwell: "Stay (min)", draw: "Draw within 1 % of the best", go: "Plan", unit: "Unit", stop: "Stay", back: "back", sum: (a, b, t) => `worth ${a}, bound ${b}, ${t} min on the road`, off: "not reachable" },
  sheet: { title: "Duty sheet", all: "All squads", print: "Print", note: "Be there in time, wear the vest, children first; report to the squad.", chain: "in turn", scale: "m" },
};

export const dutyWords = computed(() => (lang.value === "en" ? en : zh));
