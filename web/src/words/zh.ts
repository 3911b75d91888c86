// What does the page say in Chinese? The complete list; English must have every key.
export const zh = {
  app: {
    unsent: (n: number) => `还有 ${n} 条签到或观测没有送达，退出会清除它们。仍要退出吗？`,
    name: "治路", tagline: "把市民的声音变成路上的改变", skip: "跳到主要内容", menu: "菜单", close: "关闭", back: "返回", cancel: "取消", retry: "重试",
    save: "保存", loading: "载入中…", print: "打印", language: "English", account: "账号", logout: "退出登录", more: "更多", yes: "是", no: "否",
    simulated: "模拟数据：城市与工单均为模拟生成，不对应任何真实事件", noRight: "您的角色没有查看此内容的权限", unreachable: "连接不上服务，请确认程序仍在运行",
    failed: "出错了", newData: "数据已更新", updated: (n: number) => `数据版本 ${n}`, approval: "审图号", nothing: "暂无", copyLink: "复制链接", unstated: "未注明", copied: "链接已复制",
    insecure: "当前为明文 HTTP 连接，仅限本机或内网使用",
  },
  nav: { map: "地图", compare: "对比", alarm: "预警", methods: "方法", cases: "个案", plan: "方案", import: "导入", review: "复核", duty: "护学排班", schools: "学校", my: "我的岗位", wall: "今日岗位", users: "用户", audit: "审计", account: "我的账号" },
  login: {
    title: "登录", name: "用户名", password: "密码", enter: "登录", wrong: "用户名或密码不正确", wait: "尝试次数过多，请稍后再试",
    demo: "这是演示环境", demoLead: "城市、工单与账号均为模拟。选择一个角色即可进入，看看它能看到什么。",
    firstRun: "首次启动时，一次性管理员密码打印在终端里。",
  },
  account: {
    title: "我的账号", change: "修改密码", old: "当前密码", fresh: "新密码（至少 10 个字符）", again: "再输入一次新密码", differ: "两次输入的新密码不一致",
    short: "新密码至少 10 个字符", must: "首次登录请先修改密码", done: "密码已修改", role: "角色", unit: "单位", none: "未指定",
  },
  map: {
    label: "工单地图，可用方向键移动、加减号缩放", layers: "图层", hex: "热力网格", tickets: "工单", sites: "点位", legend: "图例", metric: "网格数值", count: "工单数",
    petitioners: "诉求人数", zoomIn: "放大", zoomOut: "缩小", home: "回到全城", cluster: "聚合，数字为工单数", one: "单件工单", closed: "已办结", open: "办理中",
    site: "点位，数字为排名", low: "少于 3 件，不显示", noBase: "底图未能载入，数据图层仍可使用", perCell: "每格", to: "–", hideClosed: "隐藏已办结", area: "网格", hide: "点击可隐藏该级", noCity: "还没有城市地图", noCityHint: "请先导入城市的道路、地名与边界：",
    drawn: "个网格", noCells: "当前视野没有网格", failed: "地图无法启动：浏览器没有 WebGL。列表与表格不受影响。", nearNote: "与网格同开时，放大到街道才画出工单", pointNote: "只画出能定位到点的工单；路段与片区级工单计入统计，不画成点",
  },
  filter: {
    title: "筛选", clear: "清除筛选", kind: "诉求类别", channel: "来源渠道", state: "办理状态", precision: "定位精度", area: "区域", unit: "承办单位", text: "文字包含",
    textHint: "标题或内容中的词", time: "时间", from: "起", to: "止", all: "全部", active: (n: number) => `${n} 项筛选`, more: (n: number) => `显示其余 ${n} 项`, less: "收起",
    result: (t: string, m: string) => `共 ${t} 件工单，其中 ${m} 件已上图`, none: "没有符合条件的工单", export: "导出",
  },
  time: {
    title: "按时间分布", byDay: "按日", byWeek: "按周", byMonth: "按月", play: "播放", pause: "暂停", d7: "近 7 天", d30: "近 30 天", d90: "近 90 天", month: "本月", lastYear: "去年同期",
    all: "全部时间", start: "开始日期", end: "结束日期", window: (a: string, b: string) => `${a} 至 ${b}`, empty: "没有可画的时间分布", table: "查看数据表", chart: "查看图", step: "按周推进", dateHint: "如 2024-04-08",
  },
  sites: {
    title: "点位排名", lead: "反复出现诉求的地点，按收缩后的年均严重度排名（重办、不满意加分）", count: "件", people: "人", rank: "排名", none: "当前筛选下没有点位", noTickets: "还没有工单", importFirst: "导入工单后，反复出现诉求的地点会在这里排名。", toImport: "去导入", firstOf: (n: string, all: string) => `显示前 ${n} 个，共 ${all} 个点位`, noneHint: "放宽时间或类别，或导入更多工单后重新生成点位。",
    kind: "类型", rate: "年均（收缩）", expected: "普通点位年均", burden: "年均严重度（分）", ordinary: (n: string) => `普通点位 ${n}`, redone: "近一年重办", per100m: "每百米年均", byRising: "上升的在前", byRedone: "按重办", times: (n: string) => `普通点位的 ${n} 倍`, perYear: "件/年", unranked: "未参与排名", singleVoice: "均来自同一人", dominated: "一人占多数", filtered: "工单、诉求人、时段、月份与类别按当前筛选；排名、年均与首末件按全部工单", score: "得分", survey: "重新生成点位", surveying: "正在生成点位…", open: "打开点位", trend: "近 12 个月趋势", sort: "排序", byRank: "按排名", byCount: "按件数",
  },
  site: {
    facts: "概况", tickets: "工单", petitioners: "诉求人", first: "首次", last: "最近", profile: "星期 × 时段", profileLead: "什么时候被反映（按受理时间）", months: "月度趋势", categories: "诉求构成",
    history: "沿革", why: "为什么排在这里", ticketsTitle: "工单（已脱敏）", all: "在列表中查看全部", hour: "时", zoom: "在地图上定位", share: "复制链接", peak: (d: string, h: number, n: number) => `最集中：${d} ${h} 时，${n} 件`,
    month: "月份", missing: "没有这个点位，可能已在重新生成时合并", noHistory: "尚无变更记录",
  },
  ticket: {
    list: "工单", no: "编号", external: "渠道编号", received: "受理时间", state: "状态", unit: "承办单位", category: "类别", channel: "渠道", place: "地点原文", label: "识别地点",
    precision: "定位精度", radius: "误差半径", confidence: "置信度", redo: "重办", satisfaction: "满意度", content: "内容", personal: "诉求人信息", masked: "姓名、电话等已遮蔽",
    reveal: "申请查看", handler: "经办人", nobody: "未指定", named: (t: string) => `已指定经办人：${t}`, home: "住址坐标（WGS-84）", coarse: "该点位于诉求人住处，坐标已粗化到六边形中心", notRevealable: "没有可查看的原文，或您不是经办人（保密件仅受理员可看）", reason: "查看理由（写入审计日志）", reasonHint: "例如：回访核实现场位置", revealed: "已显示，本次查看已记录", clear: { name: "姓名", phone: "电话", account: "账号", id_card: "证件号码" }, metres: "米",
    noPoint: "未定位到点", times: (n: number) => `${n} 次`, more: "载入更多", missing: "没有这件工单，或您无权查看", none: "当前筛选下没有工单", site: "所属点位", short: "请写明理由（至少 4 个字）",
    satisfied: { satisfied: "满意", basic: "基本满意", dissatisfied: "不满意" } as Record<string, string>,
  },
  search: { label: "搜索地点或工单", hint: "地点、道路、工单编号…", places: "地点", tickets: "工单", none: "没有找到", results: (n: number) => `${n} 条结果` },
  import: {
    title: "导入工单", drop: "把工单文件拖到这里", or: "或", choose: "选择文件", formats: "CSV（UTF-8、GB18030、UTF-16）、XLSX、XLS、ODS，单个文件不超过 200 MB", source: "来源名称",
    sourceHint: "例如：12345 月度导出；同名来源会记住列对应", datum: "坐标系", datumNone: "文件没有坐标", channel: "渠道", channelFile: "由文件列决定", start: "读取并试运行", reading: "读取中", runs: "导入记录", report: "试运行报告",
    file: "文件", format: "格式", encoding: "编码", sheet: "工作表", rows: "数据行", new: "新增", changed: "更新", same: "未变", error: "错误", blank: "空行", repeated: "重复表头",
    mapping: "列对应", header: "文件中的列", field: "对应字段", sample: "示例", ignore: "不导入", remember: "记住这个来源的列对应", apply: "按此对应重新试运行", errors: "问题行", row: "行", column: "列", value: "值",
    why: "原因", cure: "处理办法", errorsCsv: "下载问题行 CSV", firstErrors: (n: number, all: number) => `显示前 ${n} 行，共 ${all} 行有问题`, commitGood: "导入无误的行", commitAll: "全部无误才导入", committing: "写入中",
    committed: "已导入", undo: "撤销本次导入", undone: "已撤销", discard: "放弃", failed: "无法读取", state: { reading: "读取中", ready: "待确认", committing: "写入中", committed: "已导入", undone: "已撤销", undoing: "撤销中", discarded: "已放弃", failed: "失败" } as Record<string, string>,
    undoAsk: "撤销后，本次新增的工单会移除，更新的工单恢复原值。", noErrors: "没有问题行", nothingNew: "没有需要写入的变化", progress: (a: string, b: string) => `${a} / ${b} 行`, empty: "还没有导入记录", noRight: "您的角色不能导入工单", missingFile: "请先选择文件",
    unmapped: "未对应", personal: "敏感列：入库前加密或遮蔽", when: "时间", located: "定位进行中", none: "选择左侧一条记录，或拖入新文件", optional: "可不填", required: "请选择坐标系",  by: "由", datums: { wgs84: "WGS-84 / CGCS2000", gcj02: "GCJ-02（高德、腾讯）", bd09: "BD-09（百度）" } as Record<string, string>, counts: "试运行结果", findings: "数据情况", skipped: "未读的工作表：", missingFields: "还需对应：", severity: { error: "未导入", field_error: "舍去该值", warn: "提醒", repair: "已修复" } as Record<string, string>, rerun: "已按新对应重新试运行", remembered: "已记住",
  },
  review: {
    title: "人工复核", lead: "系统拿不准的地点，由人来定；每次改正都会教会系统一个别名", left: (n: string) => `待复核 ${n} 件`, empty: "没有待复核的工单", emptyHint: "所有文本都已有把握地定位，或已处理完毕。",
    candidates: "候选地点", accept: "采用", noPlace: "没写地点", outside: "不在本市", click: "在地图上点出位置", clicked: "采用点出的位置", keys: "按 1–5 采用候选，N 没写地点，O 不在本市，L 画路段，S 跳过", skip: "跳过", evidence: "识别依据",
    samePlace: (n: number) => `同一写法共 ${n} 件`, applied: "已记录", alsoPlaced: (n: string) => `已记录，共 ${n} 件工单随之重新定位`, aliases: "已学会的别名", aliasLead: "复核得到的别名，停用后不再用于定位", surface: "写法", meaning: "指向", by: "由", on: "启用", off: "停用", noAliases: "还没有学会别名", alternatives: "其他写法",
    find: "搜索地点并放到地图上", noCandidates: "没有候选地点，请搜索地点或在地图上点出", noRight: "您的角色不能复核地点", pair: "文件给出的坐标", confidence: "把握", radius: "误差", next: "下一件", queue: "待复核", undoHint: "可在别名列表中停用", centre: "取地图中心", draw: "画路段", drawBack: "退一点", drawn: "采用画出的路段", drawHint: (n: number) => n < 2 ? `依次点出路段的各点（已有 ${n} 点），Enter 采用，Backspace 退一点` : `已有 ${n} 点，Enter 采用，Backspace 退一点`, decided: (n: number) => `本次已处理 ${n} 件`, title2: "标题", content: "内容", place: "地点栏",
  },
  hot: {
    colourBy: "着色方式", plain: "工单数（不作检验）", lenses: { gi: "Gi* 热点", emerging: "新兴时空热点", moran: "局部莫兰", change: "两期变化", network: "路网密度" } as Record<string, string>,
    classes: {
      none: "不显著", insufficient: "历史不足", hot3: "热点 99%", hot2: "热点 95%", hot1: "热点 90%", cold3: "冷点 99%", cold2: "冷点 95%", cold1: "冷点 90%",
      up3: "变多 99%", up2: "变多 95%", up1: "变多 90%", down3: "变少 99%", down2: "变少 95%", down1: "变少 90%", hh: "高-高（成片）", hl: "高-低（孤立高点）", lh: "低-高（高中之低）", ll: "低-低",
      new_hot: "新增热点", consecutive_hot: "连续热点", intensifying_hot: "加强热点", persistent_hot: "持续热点", diminishing_hot: "减弱热点", sporadic_hot: "分散热点", oscillating_hot: "振荡热点", historical_hot: "历史热点",
      new_cold: "新增冷点", consecutive_cold: "连续冷点", intensifying_cold: "加强冷点", persistent_cold: "持续冷点", diminishing_cold: "减弱冷点", sporadic_cold: "分散冷点", oscillating_cold: "振荡冷点", historical_cold: "历史冷点",
    } as Record<string, string>,
    area: "面状热点", point: "点状热点", perKm: "件/公里", hotSteps: (n: number) => `${n} 期显著`,
    going: { up: "↑ 上升", down: "↓ 下降" } as Record<string, string>, verdicts: "方法怎么说", rankInterval: (a: string, b: string) => `排名区间 ${a}–${b}（95%）`, historyTitle: "26 期历史（每期 4 周）", loud: "高", quiet: "低", usual: "平", neighbours: "邻近点位", metresAway: (m: string) => `${m} 米`, bells: { arrive: "上学", leave: "放学" } as Record<string, string>, peakMark: "高峰时段", bellMark: "上下学时段",
  },
  users: {
    title: "用户与权限", add: "新增用户", name: "用户名", person: "姓名", role: "角色", unit: "单位", active: "启用", inactive: "停用", revoke: "强制下线", reset: "重置密码", oneTime: (p: string) => `一次性密码：${p}（只显示这一次）`,
    mustChange: "待改密码", revoked: "已下线", actions: "操作", state: "状态", noRight: "只有管理员可以管理用户", disable: "停用", enable: "启用", saved: "已保存", noUnit: "不限单位", self: "不能修改自己的权限",
  },
  audit: {
    title: "审计日志", lead: "只增不改，逐条哈希相连", at: "时间", user: "用户", action: "动作", object: "对象", detail: "详情", verify: "校验日志链", good: (n: string) => `校验通过，共 ${n} 条，哈希链完整`, bad: "校验失败：日志链在以下位置断裂",
    more: "载入更早的记录", noRight: "您的角色不能查看审计日志", none: "还没有记录", addr: "地址",
  },
  jobs: { effect: "正在评估个案", "import.read": "正在读取文件", "import.commit": "正在写入工单", "import.undo": "正在撤销导入", locate: "正在定位工单", survey: "正在生成点位", roster: "正在排班", rebuild: "正在重算", hotspot: "正在运行方法", alarm: "正在算预警", "site.edit": "正在更正点位", "plan.measures": "正在求措施方案", failed: "后台任务失败" } as Record<string, string>,
  unit: { items: (n: string) => `${n} 件`, people: (n: string) => `${n} 人`, metres: (n: string) => `${n} 米`, rows: (n: string) => `${n} 行` },
  roles: { clerk: "受理员", officer: "中队民警", squad_leader: "中队长", deputy_leader: "分管领导", principal_leader: "主要领导", planner: "秩序规划", auditor: "督察考核", admin: "系统管理员", liaison: "协办单位", publicist: "宣传", public: "公众" },
  /** The server names its closed lists in Chinese; other languages name them here. */
  codes: {} as Record<string, Record<string, string>>,
  siteKinds: {} as Record<string, string>,
  events: {} as Record<string, string>,
  days: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
};

export type Words = typeof zh;
