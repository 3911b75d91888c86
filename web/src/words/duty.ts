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
  clash: { cover: (x: string) => `必保：${x}`, role: (x: string) => `${x}：没有所需身份的人`, unavailable: (x: string) => `${x}请假`, max_per_day: (x: string) => `${x}：每日上限`, max_per_week: (x: string) => `${x}：每周上限`, rest: (x: string) => `${x}：两天之间休息`, consecutive: (x: string) => `${x}：连续上岗天数` } as Record<string, (x: string) => string>,
  events: { made: "生成", published: "发布", withdrawn: "撤回", absence: "缺勤重排", swapped: "换班" } as Record<string, string>,
  duty: {
    title: "护学岗排班", lead: "由校门、铃声、人员和请假生成排班：先保覆盖，再少变动，再求公平；结果附上界。", make: "生成排班", from: "起", to: "止", squad: "中队", all: "全部中队",
    chains: "辅警可连续照看多个校门", home: "只排本中队人员", nextMonth: "下月", making: "正在求解", stop: "停止并保留当前最好解", list: "已有排班", none: "还没有排班",
    publish: "发布", withdraw: "撤回", xlsx: "下载表格", sheets: "打印岗位单", wall: "今日大屏", back: "返回列表", covered: "已覆盖", open: "未覆盖", bound: "上界", of: "共",
    day: "日期", time: "时间", post: "岗位", person: "人员", duty: "职责", lead1: "带班疏导、守护过街", assist: "协助疏导、守护过街", uncovered: "未覆盖", why: "为什么？", fairness: "公平性", share: ["人员", "身份", "此前", "岗次", "负荷", "合计", "早岗", "难点岗"],
    spread: (r: string, mean: string, lo: number, hi: number) => `${r}：人均 ${mean}，最少 ${lo}，最多 ${hi}`, ics: "日历", history: "经过", notes: "提示",
    absent: "登记缺勤并重排", cause: "原因（不写病情）", sick: "病假", replan: "重排", changed: (n: number) => `已重排，变动 ${n} 岗`, swap: "换人", swapTo: "改由", reason: "理由", give: "确认换班", nobody: "空缺",
    costs: (loss: number, who: string) => `可由 ${who} 上岗，但总权重减少 ${loss}，以下岗位将无人：`, impossible: "不可能：没有可用的人", undecided: "在计算量上限内未能判定",  conflict: "互相冲突的要求", isCovered: "已有人", standing: "当前排班中各人的情况",
    more_: "更多要求", must: "必须有人的学校", mustHint: "所选学校各校门的第一岗必须有人；做不到时列出互相冲突的要求。", addMust: "加一所学校", neverEmpty: "三类校门（最难）第一岗优先于一切", rotate: "同一校门满几周后换人（0 为尽量固定）", clashTitle: "必保岗位无法全部覆盖：以下要求互相冲突，去掉任何一条即可",
    missed: "登记缺岗", missedCause: "缺岗原因（不写病情）", missedDone: "已登记缺岗", missedTag: (why: string) => `缺岗：${why}`, signedTag: (t: string) => `已签到 ${t}`, awayLine: (who: string, a: string, b: string, why: string) => `${who} ${a === b ? a : `${a} 至 ${b}`} ${why}`,
    joint: "校家警联勤（每个校门加学校、家长各一岗）", stages: { posts: "正在推算岗位", solving: "正在求解", writing: "正在保存" } as Record<string, string>, best: (a: string, b: string) => `已覆盖 ${a}，上界 ${b}`, floor: "下界", vacant: "志愿岗空缺", vacantOf: (who: string) => `空缺（可由${who}）`,
    openSum: (n: number, lost: string, share: string) => `未覆盖 ${n} 岗，损失权重 ${lost}（占 ${share}%），按权重排列`, peak: "时段", allPeaks: "全部时段", onlyOpen: "只看未覆盖", byGate: "按校门看（校家警）", unit: (n: number) => `第 ${n} 岗`, meanLoad: "人均负荷", leastMost: "最少–最多", fairNote: "负荷平方和已证最小；同等方案里再均衡早岗（7 点前）和难点岗（权重前四分之一），并尽量留在本中队和熟悉的校门。",
    more: "再增一人能多覆盖多少", moreGo: "测算", moreNone: "没有未覆盖的岗位", moreLine: (who: string, n: number, worth: string) => `${who}：多覆盖 ${n} 岗，权重 +${worth}`,
    simulated: "人员为模拟", phones: "通讯录", phoneReason: "查看理由", show: "查看（将记入审计）",
  },
  posts: { title: "某日岗位需求", gate: "校门", need: "需求", window: "时间窗", points: "加分理由", units: "岗位数", weight: "权重", noSchool: "这一天不上课", gaps: "未排岗的校门", why: { no_bells: "没有铃声表", no_bell_today: "当日无铃声", bad_bell: "铃声有误", overlap: "上学放学时间窗重叠，已并为一段" } as Record<string, string>, volunteers: "仅志愿者", override: "人工指定" },
  people: { title: "上岗人员", add: "新增人员", name: "姓名", role: "身份", squad: "中队", login: "系统账号", school: "只在本校（教职工、家长）", anySchool: "不限", perDay: "每日上限", perWeek: "每周上限", phone: "电话（加密保存）", left: "不再排班", hidden: "姓名仅本中队可见，保存时保持不变", kept: "已保存", count: (n: number) => `${n} 人` },
  school: {
    title: "学校台账（一校一策）", lead: "校门、铃声、学区、问题、措施、岗位和评估日期；每校一页可打印。", take: "从地图导入学校", taken: (n: number) => `已导入 ${n} 所`, add: "新增学校", none: "还没有学校", sheet: "一校一页", edit: "编辑", name: "校名", stage: "学段", address: "地址", students: "学生数",
    squad: "辖区中队", gates: "校门", bells: "铃声", arrive: "上学", leave: "放学", at: "时间", until: "关门（幼儿园）", grades: "年级", days: "星期", everyDay: "每个上学日", after: "课后服务结束", boarding: "寄宿", buses: "校车与接送安排", catchment: "学区范围", contact: "学校联系部门", problems: "主要问题", measures: "治理措施", evaluation: "评估日期",
    closed: "调休日不上课", side: "所在道路一侧", crash: "三年内涉学生事故", wide: "主干路或四车道以上", unsafe: "过街处无信号灯、无天桥", set: "人工指定岗数", setReason: "理由", officers: "其中民警", fromDay: "起用日期", toDay: "停用日期", plus: "增加", minus: "删除", point: "经纬度（WGS-84）", posts: "近期岗位", observed: "到离校观测", noBells: "铃声未填，不排岗", simulated: "模拟数据",
    seen: { minutes: "观察分钟", stopped: "路中停车", illegal: "违停", queue_m: "最长排队（米）", crossing: "不走斑马线", conflicts: "险情" } as Record<string, string>,
  },
  my: {
    title: "我的岗位", none: "近期没有您的岗位", today: "今天", next: "接下来", in: "签到", opens: (t: string) => `${t} 起可签到`, onTheDay: "到岗当日可签到", out: "签退", incident: "上报情况", waiting: (n: number) => `${n} 条待发送，联网后自动补传`, sent: "已全部送达", offline: "网络已断开：签到照常记录，联网后补传", gps: "正在取得位置…", noGps: "未取得位置，仅记录时间", near: (m: number) => `距岗位 ${m} 米`,
    far: (m: number) => `距岗位 ${m} 米，超过 100 米`, done: (t: string) => `已签到 ${t}`, left: (t: string) => `已签退 ${t}`, note: "情况说明", send: "上报", cancel: "取消", observe: "到离校观测", observeLead: "站在校门口数一数，作为治理效果的第二个指标。", save: "保存观测", savedWatch: "已记录", keptWatch: "已存在手机，联网后补传", refused: (why: string) => `未被接受：${why}`, badCounts: (what: string) => `请改正：${what}（分钟 1–240，计数 0–10000 的整数）`, cached: (t: string) => `离线显示，更新于 ${t}`, route: "路线", stayOpen: "当前连接不是 HTTPS：断网时请保持本页打开，刷新后需重新联网。",
  },
  leave: { title: "请假登记", lead: "排班之前已知的请假记在这里，生成排班时自动避开；已有排班的，请在排班页“登记缺勤并重排”。原因不写病情。", whole: "全天", add: "登记", kept: "已登记请假", none: "近一个月至今后半年没有请假", remove: "撤销", gone: "已撤销" },
  sides: { police: "警", school: "校", family: "家", help: "助" } as Record<string, string>,
  calendar: { title: "校历", lead: "节假日、调休上班上课日、寒暑假；学期即两个假期之间。各年级的铃声在学校台账里按学校设置。", kind: "类别", kinds: { holiday: "放假", makeup: "调休上班上课", winter_break: "寒假", summer_break: "暑假" } as Record<string, string>, from: "起", to: "止", plus: "增加一段", minus: "删除", termEnd: "学期最后一天", nextTerm: "下学期第一天", addTerm: "加入假期", months: "每月上课日", days: (n: number) => `${n} 天`, kept: "校历已保存", count: (n: number) => `${n} 段`, missing: "处缺失", bad: (a: string, b: string) => `起止日期不对：${a} 至 ${b}` },
  cover: { title: "人手有限时怎么站：最大覆盖", lead: "给出各类人数，求覆盖权重最大的站位：辅警按路网行程接续多个校门，双警校门两人同到才算，第二、第三岗按折扣计；未覆盖的岗位按损失列出。", together: "兼顾半径（米）", go: "测算覆盖", sum: (a: string, b: string, s: string) => `覆盖权重 ${a} / ${b}（${s}%）`, proved: "已证最优", gap: (b: string) => `上界 ${b}`, twice: (a: number, b: number) => `双岗校门 ${a} / ${b}`, more: "再增一人", open: (n: number, lost: string) => `未覆盖 ${n} 岗，共损失 ${lost}`, cost: "损失", who: "站位", seen: "由邻近岗位兼顾" },
  site: { title: "护学岗勤务", none: "近一年没有已发布的岗位", month: "月份", planned: "应到", manned: "已派", signed: "签到", late: "迟到 5 分钟以上", lateShort: "迟到", afar: "不在岗位 100 米内，或没有位置", afarShort: "离岗", incidents: "岗位上报", observed: "到离校观测（每 30 分钟）", vehicles: "停车违停", queue: "最长排队 m", danger: "险情" },
  wall: { title: "今日护学岗", signed: "已到岗", missing: "未到岗", later: "未到时间", absent: "未签到", vacant: "志愿岗空缺", next: (p: string, m: number) => `距${p}还有 ${m} 分钟`, none: "今天没有已发布的岗位", empty: "无人" },
  sheet: { title: "护学岗岗位单", none: "这一天没有岗位", key: "实心圆：警力岗到位；空心圆：只有志愿、校方或家长；红方：警力岗未覆盖，或全天无人；细线连到校门所在。", gate: { covered: "警力到位", support: "仅协助力量", open: "未覆盖" }, lead: "带班", assist: "协助", all: "全部中队", print: "打印", note: "按时到岗、穿反光背心、先过街后疏导；有情况先报中队。", chain: "依次", scale: "米" },
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
  clash: { cover: (x) => `required: ${x}`, role: (x) => `${x}: nobody has the role it asks for`, unavailable: (x) => `${x} is away`, max_per_day: (x) => `${x}: most per day`, max_per_week: (x) => `${x}: most per week`, rest: (x) => `${x}: rest between days`, consecutive: (x) => `${x}: days in a row` },
  events: { made: "made", published: "published", withdrawn: "withdrawn", absence: "absence, re-planned", swapped: "swapped" },
  duty: {
    title: "School-gate rosters", lead: "From gates, bells, people and leave: first coverage, then few changes, then fairness; with bounds.", make: "Make a roster", from: "From", to: "To", squad: "Squad", all: "All squads",
    chains: "Auxiliaries may serve several gates in turn", home: "Own squad only", nextMonth: "Next month", making: "Solving", stop: "Stop, keep the best so far", list: "Rosters", none: "No roster yet",
    publish: "Publish", withdraw: "Withdraw", xlsx: "Workbook", sheets: "Duty sheets", wall: "Wall display", back: "Back", covered: "covered", open: "uncovered", bound: "bound", of: "of",
    day: "Day", time: "Time", post: "Post", person: "Person", duty: "Duty", lead1: "Leads, guards the crossing", assist: "Assists, guards the crossing", uncovered: "uncovered", why: "Why?", fairness: "Fairness", share: ["Person", "Role", "Before", "Duties", "Load", "Sum", "Early", "Hard"],
    spread: (r, mean, lo, hi) => `${r}: mean ${mean}, least ${lo}, most ${hi}`, ics: "Calendar", history: "History", notes: "Notes",
    absent: "Note an absence and re-plan", cause: "Cause (nothing medical)", sick: "Sick leave", replan: "Re-plan", changed: (n) => `Re-planned, ${n} duties changed`, swap: "Swap", swapTo: "Give to", reason: "Reason", give: "Swap", nobody: "nobody",
    costs: (loss, who) => `${who} could serve it, at a loss of ${loss} in weight; these would be uncovered:`, impossible: "Impossible: nobody can", undecided: "Not decided within the limits of work", conflict: "Requirements that exclude each other", isCovered: "covered", standing: "Everybody in the present plan",
    more_: "More demands", must: "Schools that must be served", mustHint: "The first post of every gate of these schools must be filled; if that cannot be, the demands that conflict are listed.", addMust: "Add a school", neverEmpty: "First posts of class-3 gates (the hardest) come before all else", rotate: "Change people at a gate after so many weeks (0 keeps them)", clashTitle: "Not everything required can be covered: these demands conflict, giving up any one of them helps",
    missed: "Note as absent", missedCause: "Cause (nothing medical)", missedDone: "Absence noted", missedTag: (why) => `absent: ${why}`, signedTag: (t) => `signed in ${t}`, awayLine: (who, a, b, why) => `${who} ${a === b ? a : `${a} to ${b}`} ${why}`,
    joint: "With school and families (one place each per gate)", stages: { posts: "Working out the posts", solving: "Solving", writing: "Writing" }, best: (a, b) => `covered ${a}, bound ${b}`, floor: "bound", vacant: "support vacant", vacantOf: (who) => `vacant (${who})`,
    openSum: (n, lost, share) => `${n} uncovered, worth ${lost} (${share} %), dearest first`, peak: "Peak", allPeaks: "All peaks", onlyOpen: "Uncovered only", byGate: "By gate (school, family, police)", unit: (n) => `unit ${n}`, meanLoad: "Mean load", leastMost: "Least–most", fairNote: "Σ load² is proved least; among equal rosters early duties (before 7:00) and hard gates (top quarter) are evened out, close to the home squad and known gates.",
    more: "What one more person would bring", moreGo: "Work it out", moreNone: "Nothing is uncovered", moreLine: (who, n, worth) => `${who}: ${n} more duties, worth +${worth}`,
    simulated: "simulated people", phones: "Phone list", phoneReason: "Reason", show: "Show (audited)",
  },
  posts: { title: "Posts of a day", gate: "Gate", need: "Need", window: "Window", points: "Points", units: "Units", weight: "Weight", noSchool: "No school on this day", gaps: "Gates without posts", why: { no_bells: "no bell table", no_bell_today: "no bell today", bad_bell: "bad bell", overlap: "windows overlap, made one" }, volunteers: "volunteers only", override: "set by hand" },
  people: { title: "People", add: "Add a person", name: "Name", role: "Role", squad: "Squad", login: "Account", school: "Serves one school only", anySchool: "any", perDay: "Most a day", perWeek: "Most a week", phone: "Phone (sealed)", left: "No longer rostered", hidden: "The name is the squad's own: it stays as it is", kept: "Saved", count: (n) => `${n} people` },
  school: {
    title: "School register", lead: "Gates, bells, catchment, problems, measures, posts, evaluation day; one printable page per school.", take: "Take from the map", taken: (n) => `${n} schools taken`, add: "Add a school", none: "No school yet", sheet: "One page", edit: "Edit", name: "Name", stage: "Stage", address: "Address", students: "Pupils",
    squad: "Squad", gates: "Gates", bells: "Bells", arrive: "arrive", leave: "leave", at: "At", until: "Doors close", grades: "Grades", days: "Weekdays", everyDay: "every school day", after: "After-school ends", boarding: "Boarding", buses: "Buses", catchment: "Catchment", contact: "Office", problems: "Problems", measures: "Measures", evaluation: "Evaluated on",
    closed: "Closed on make-up days", side: "Side of the road", crash: "Crash with a pupil in 3 years", wide: "Arterial or 4+ lanes", unsafe: "No signal, no bridge", set: "Units set by hand", setReason: "Reason", officers: "of them officers", fromDay: "From", toDay: "To", plus: "Add", minus: "Remove", point: "Longitude, latitude (WGS-84)", posts: "Posts", observed: "Bell-time observations", noBells: "no bells: not rostered", simulated: "simulated data",
    seen: { minutes: "Minutes", stopped: "Stopped", illegal: "Illegal", queue_m: "Queue m", crossing: "Off crossing", conflicts: "Near misses" },
  },
  my: {
    title: "My post", none: "No duty of yours soon", today: "Today", next: "Next", in: "Check in", opens: (t) => `Check-in opens at ${t}`, onTheDay: "Check-in opens on the day", out: "Check out", incident: "Report", waiting: (n) => `${n} waiting, sent when connected`, sent: "All sent", offline: "No connection: signs are kept and sent later", gps: "Finding the place…", noGps: "No fix, time only", near: (m) => `${m} m from the post`,
    far: (m) => `${m} m from the post, more than 100 m`, done: (t) => `In at ${t}`, left: (t) => `Out at ${t}`, note: "What happened", send: "Report", cancel: "Cancel", observe: "Bell-time observation", observeLead: "Count at the gate: a second outcome for the effect of measures.", save: "Save", savedWatch: "Saved", keptWatch: "Kept on this phone, sent when connected", refused: (why) => `Not accepted: ${why}`, badCounts: (what) => `Please correct ${what} (minutes 1–240, counts whole numbers 0–10000)`, cached: (t) => `Offline, as of ${t}`, route: "Route", stayOpen: "Without HTTPS keep this page open while offline; a reload needs the network.",
  },
  leave: { title: "Leave", lead: "Leave known before a roster is made: rosters keep clear of it. Where a roster exists already, note the absence there to re-plan it. Nothing medical.", whole: "whole days", add: "Note", kept: "Leave noted", none: "No leave from last month to half a year ahead", remove: "Take back", gone: "Taken back" },
  sides: { police: "P", school: "S", family: "F", help: "H" },
  calendar: { title: "School calendar", lead: "Holidays, make-up days, breaks; a term is what lies between two breaks. Bells by grade are set with each school.", kind: "Kind", kinds: { holiday: "Holiday", makeup: "Make-up day", winter_break: "Winter break", summer_break: "Summer break" }, from: "From", to: "To", plus: "Add a span", minus: "Remove", termEnd: "Last day of term", nextTerm: "First day of the next", addTerm: "Add the break", months: "School days by month", days: (n) => `${n}`, kept: "Calendar saved", count: (n) => `${n} spans`, missing: "missing", bad: (a, b) => `Check the dates: ${a} to ${b}` },
  cover: { title: "Best cover with the people there are", lead: "People by role in, the stands with most weight out: auxiliaries ride from gate to gate on the road network, a two-officer gate counts only with both, second and third units count less; what stays open is listed with its cost.", together: "In sight within (m)", go: "Work out the cover", sum: (a, b, s) => `Weight covered ${a} / ${b} (${s} %)`, proved: "proved best", gap: (b) => `bound ${b}`, twice: (a, b) => `covered twice ${a} / ${b}`, more: "One more", open: (n, lost) => `${n} open, costing ${lost}`, cost: "cost", who: "Stands", seen: "Seen from a near post" },
  site: { title: "School duty", none: "No published duty in the last year", month: "Month", planned: "Planned", manned: "Manned", signed: "Signed in", late: "5+ min late", lateShort: "late", afar: "Beyond 100 m, or without a fix", afarShort: "far", incidents: "Reports", observed: "Bell-time counts (per 30 min)", vehicles: "Stopped", queue: "Queue m", danger: "Danger" },
  wall: { title: "School duty today", signed: "present", missing: "missing", later: "not yet", absent: "never signed in", vacant: "support vacant", next: (p, m) => `${p} in ${m} min`, none: "No published duty today", empty: "nobody" },
  sheet: { title: "Duty sheet", none: "No duty on this day", key: "Full circle: police there. Ring: supporters only. Red square: a police post uncovered, or nobody all day. Thin lines lead to the gate.", gate: { covered: "police there", support: "supporters only", open: "uncovered" }, lead: "leads", assist: "assists", all: "All squads", print: "Print", note: "Be there in time, wear the vest, children first; report to the squad.", chain: "in turn", scale: "m" },
};

export const dutyWords = computed(() => (lang.value === "en" ? en : zh));

/** Volunteers and parents of other squads are known by a number only; the server writes it in Chinese. */
export const personName = (name: string): string =>
  lang.value === "en" ? name.replace(/^(家长|志愿者)(\d+)号$/, (_, kind: string, no: string) => `${kind === "家长" ? en.roles.parent : en.roles.volunteer} no. ${no}`) : name;
