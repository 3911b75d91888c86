// What does each hotspot method answer, when is it of use, how is it read, and what are its figures called? In Chinese; the pages of the methods are English, but for their titles.
import { lang } from "./index";

export interface Guide { asks: string; when: string; read: string }

export const GUIDES: Record<string, Guide> = {
  h3_aggregate: { asks: "每个六边形里有多少工单、多少人、多少人·周。", when: "先看哪里多；不作检验。", read: "只是数量，不等于“异常”；要判断是否多于随机，用 Gi*。" },
  gi_star: { asks: "一个网格连同邻居，是否比全区随机摆放时更多（热）或更少（冷）。", when: "给辖区着色、找成片热点。", read: "z 为标准差倍数；q 为校正后的 p；kind 为 area 是成片热点，point 是单格热点，应交点位清单。" },
  local_moran: { asks: "一个网格与邻居是同高同低，还是孤立的高点或空洞。", when: "找安静处的孤立高点（HL）、热闹处的数据空洞（LH）。", read: "strength 为显著级别，0 为不显著。" },
  fdr: { asks: "许多次检验之后，哪些仍可信。", when: "检查多重检验校正。", read: "reject 为真的才算显著；BY 更保守。" },
  rates: { asks: "一个点位的工单是否多于普通点位按暴露量应有的数量。", when: "给点位排名，避免小数目的偶然。", read: "excess 为超出的件数；relative_risk_shrunk 为收缩后的倍数，附 95% 区间。" },
  dbscan: { asks: "工单在平面上聚成哪些簇。", when: "形成点位的基础算法；看半径与最少件数的影响。", read: "sizes 为各簇件数；label 为 -1 的是零散工单。" },
  st_dbscan: { asks: "既近又在相近日期内的工单聚成哪些簇。", when: "找短时爆发。", read: "同 dbscan，另要求日期相差不超过给定天数。" },
  hdbscan: { asks: "疏密不同处各自的簇。", when: "探索；不用于点位编号。", read: "probabilities 为属于该簇的程度。" },
  kde: { asks: "平面上的密度。", when: "只用于查看。", read: "单位为件/平方公里；不作显著性判断。" },
  network_kde: { asks: "沿道路的密度。", when: "只用于查看；道路两侧与断头路分得开。", read: "单位为件/公里；不作显著性判断。" },
  knox: { asks: "一件工单之后，附近短期内是否更易再来一件。", when: "定巡逻的半径与天数。", read: "ratio 大于 1 且 p 不大于 0.05 的距离×天数档为“升高”。" },
  mann_kendall: { asks: "按周件数有没有一致的升降趋势。", when: "看全部所选工单的长期走向。", read: "p 小于 0.05 为有趋势；sen_slope 为每周变化件数，附 95% 区间。" },
  emerging: { asks: "每个网格的历史属于新增、持续、减弱、分散等哪一类。", when: "区分“新冒头”与“老大难”。", read: "至少 10 期才归类；不足则为历史不足。" },
  scan: { asks: "哪一片、哪几周的工单多得不像偶然。", when: "每周预警、回看某次聚集。", read: "p 为与随机重排相比；recurrence 为纯属偶然时多久一遇。" },
  road_screening: { asks: "一条路上哪一段最集中。", when: "路段排查。", read: "sections 为达到阈值的里程区间；peak 为最高窗口。" },
  peak_hours: { asks: "一天中哪几个半小时明显偏多。", when: "排岗、定巡逻时段；请先按点位筛选。", read: "start_bin 为第几个半小时（0 起），length 为几个半小时；p 大于 0.05 则不突出。" },
  caller_weighting: { asks: "去掉一人多报后，折合多少件、多少人。", when: "判断是否一人反复反映；请先按点位筛选。", read: "n_eff 为折算件数；single_voice、dominated 的点位不参与排名和预警。" },
  period_change: { asks: "后期比前期多还是少，是否超出偶然。", when: "前后对比。", read: "ratio 为按天数折算的倍数；bin 正为变多、负为变少。" },
  compare: { asks: "各方法用前四分之三的数据，能圈中后四分之一多少工单。", when: "挑选方法。", read: "hit_rate 为命中率，pai 为命中率与面积比之比，越大越好。" },
};

/** Names of figures in results; what is not here keeps its name. */
export const FIGURES: Record<string, string> = {
  cell: "网格", id: "编号", site: "点位", eb_global: "收缩率", p_upper_poisson: "p（泊松）", pei: "PEI", share: "面积上限", methods: "各方法", value: "计数值", z: "z", q_norm: "q（正态）", q_exact: "q（精确）", p2_norm: "p（正态）", p2_exact: "p（精确）", gi_bin_norm: "级别", gi_bin_exact: "级别（精确）", kind: "点或面", neighbours_with_self: "邻域格数", z_drop_loudest: "去最高格后 z", z_plain: "Gi 的 z", p_cut_05: "5% 截断 p",
  quadrant: "象限", strength_exact: "显著级别", expected: "预期", observed: "实际", excess: "超出件数", rank: "次序（0 起）", relative_risk_shrunk: "收缩倍数", relative_risk_low: "倍数下限", relative_risk_high: "倍数上限", q_bh_nb: "q", p_upper_nb: "p", mean_rate: "平均", nb_alpha: "离散度",
  clusters: "簇数", noise: "零散件数", sizes: "各簇件数", labels: "簇号", core: "核心", probabilities: "隶属度", density: "密度", edge: "路段", along: "里程（米）", h: "带宽（米）", rows: "行", columns: "列",
  n: "件数", n_s: "空间近对", n_t: "时间近对", n_st: "时空近对", pairs: "总对数", knox_ratio: "比值", p_perm: "p（置换）", perm_R: "置换次数", tau_b: "τb", p: "p", q: "q", S: "S", sen_slope: "每周变化", sen_low: "下限", sen_high: "上限", ratio: "倍数", bin: "级别",
  category: "类别代码", title: "类别", hot_steps: "显著期数", cold_steps: "偏低期数", mk_z: "趋势 z", mk_p: "趋势 p", steps: "期数", hot_bins: "显著格期", cold_bins: "偏低格期", cases: "案例数", replicates: "重排次数", llr: "对数似然比", centre: "中心", from_step: "起始期", locations: "网格数",
  start_bin: "起始半小时", length: "半小时数", distinct_callers: "人数", effective_callers: "折算人数", n_eff: "折算件数", top_share: "最多一人占比", single_voice: "均一人", dominated: "一人过半", multi_party: "多人", bh_cut: "BH 截断", by_cut: "BY 截断", bh_q: "q（BH）", by_q: "q（BY）", bh_reject: "显著（BH）", by_reject: "显著（BY）",
  hit_rate: "命中率", pai: "PAI", area_share: "面积占比", flagged: "圈出格数", max_score: "最高分", sections: "路段（米）", windows: "窗口", critical_rate: "临界率", recurrence_days: "重现期（天）",
};

/** The column that says most, and whether large or small comes first. */
export const FIRST: Record<string, readonly [string, "up" | "down"]> = {
  gi_star: ["z", "down"], local_moran: ["strength_exact", "down"], rates: ["excess", "down"], network_kde: ["density", "down"], kde: ["density", "down"], emerging: ["hot_steps", "down"], period_change: ["p", "up"], fdr: ["bh_q", "up"],
};

/** The registry names methods and settings in Chinese; these are the English titles. */
export const TITLES_EN: Record<string, string> = {
  h3_aggregate: "Counts by hexagon", gi_star: "Gi* hot spots", local_moran: "Local Moran’s I", fdr: "Correction for many tests", rates: "Rates against exposure", dbscan: "Density clusters", st_dbscan: "Density clusters in space and time", hdbscan: "Hierarchical density clusters",
  kde: "Kernel density in the plane", network_kde: "Kernel density along roads", knox: "Near repeats (Knox)", mann_kendall: "Mann–Kendall trend test", emerging: "Emerging hot spots", scan: "Scan statistics", road_screening: "Screening of roads", peak_hours: "Peak hours",
  caller_weighting: "Weighting of repeated callers", period_change: "Change of two periods", compare: "Comparison of methods",
};
export const SETTINGS_EN: Record<string, string> = {
  alpha: "Significance level", alpha_bin: "Significance of a cell", alpha_trend: "Significance of a trend", baseline: "Compared with", cap: "Cap of a cell", cell: "Cell of the raster", conditional: "Conditional tails", correction: "Correction for many tests", cv_max: "Largest coefficient of variation",
  days_after: "Days after", days_before: "Days before", delta: "Threshold in space", dispersion: "Dispersion", edge: "Edge correction", eps: "Neighbour distance", eps_space: "Neighbour distance", eps_time: "Neighbour time", epsilon: "Cut distance", exact: "Exact test", exclude_same_caller: "Leave out pairs of one caller", exposure: "Exposure",
  grow_m: "Growth of the peak window", h: "Bandwidth", k: "Rings of neighbours", keep_pile_ups: "Keep pile-ups on one coordinate", kernel: "Kernel", lag: "Lag in time", lambda: "Discount", legacy_sporadic: "Older definition of sporadic", length_m: "Length of the road", lixel_m: "Piece of road", longest_days: "Longest window", max_length: "Longest window",
  max_radius_m: "Largest radius", max_share: "Largest share", min_cluster_size: "Smallest cluster", min_pts: "Least points", min_samples: "Points of a core", min_steps: "Least steps", model: "Model", p_value: "Confidence factor", permutations: "Permutations", prospective: "Prospective", reference_rate: "Reference rate", replicates: "Replicates", res: "H3 resolution",
  resolutions: "Resolutions", runs_before: "Runs corrected for", same_days: "One event within", season: "Length of a season", seed: "Seed", shares: "Shares of area", space_breaks: "Distance classes", split: "Split at junctions", start_m: "First peak window", step_days: "Length of a step", step_m: "Step of the window", steps: "Steps", stop_after: "Stop early after",
  suggest: "Suggest a neighbour distance", tau: "Threshold in time", threshold: "Threshold for joining", time_breaks: "Time classes", top: "First so many", value: "What is counted", window: "Compared within", window_days: "Window of repeats", window_m: "Sliding window",
};
/** The registry's units are English words. */
const UNITS_ZH: Record<string, string> = { cells: "格", steps: "期", days: "天", runs: "次", bins: "个半小时", "per exposure": "每单位暴露量", m: "米" };

const plain = (name: string): string => name.replaceAll("_", " ");
export const methodTitle = (m: { name: string; title: string }): string => (lang.value === "zh" ? m.title : (TITLES_EN[m.name] ?? plain(m.name)));
export const settingTitle = (p: { name: string; title: string }): string => (lang.value === "zh" ? p.title : (SETTINGS_EN[p.name] ?? plain(p.name)));
export const unitTitle = (unit: string): string => (lang.value === "zh" ? (UNITS_ZH[unit] ?? unit) : unit);

/** The page of a method with its own title and those of its settings in English. */
export function pageInEnglish(text: string): string {
  return text.split("\n").map((line) =>
    line.startsWith("# ") ? line.replace(/^# .*`(\w+)`\s*$/, (whole, name: string) => (TITLES_EN[name] ? `# ${TITLES_EN[name]} \`${name}\`` : whole))
      : line.replace("| name | 名称 |", "| name | title |").replace(/^\| `(\w+)` \| ([^|]*) \|/, (whole, name: string, title: string) => (/[\u4e00-\u9fff]/.test(title) ? `| \`${name}\` | ${SETTINGS_EN[name] ?? plain(name)} |` : whole)),
  ).join("\n");
}
