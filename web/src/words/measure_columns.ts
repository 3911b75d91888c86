// How are the columns of the catalogue of measures called, and what may stand in them?
import { computed } from "@preact/signals";
import { lang } from "./index";

export interface Column { id: string; name: string; hint?: string; wide?: boolean; number?: boolean; list?: "kinds" | "measures"; choices?: [string, string][] }
type Row = [id: string, zh: string, en: string, rest?: Omit<Column, "id" | "name" | "hint" | "choices"> & { zh?: string; en?: string; choices?: [string, string, string][] }];

const ROWS: Row[] = [
  ["name_zh", "中文名称", "Chinese name"],
  ["name_en", "英文名称", "English name"],
  ["kind", "措施大类", "sort", { zh: "sign、marking、barrier、signal、patrol …", en: "sign, marking, barrier, signal, patrol …" }],
  ["addresses_main", "主要针对的问题", "main problems", { list: "kinds" }],
  ["addresses_side", "兼顾的问题", "side problems", { list: "kinds" }],
  ["standard", "依据标准", "standards", { wide: true }],
  ["unit", "单位", "unit"],
  ["typical_quantity", "一般用量", "usual quantity", { number: true }],
  ["unit_cost_low_cny", "单价下限（元）", "unit cost from (CNY)", { number: true }],
  ["unit_cost_high_cny", "单价上限（元）", "unit cost to (CNY)", { number: true }],
  ["annual_cost_cny", "年维护费（元）", "yearly cost (CNY)", { number: true }],
  ["service_life_years", "使用年限", "service life (years)", { number: true }],
  ["lead_days_low", "工期最短（天）", "lead time from (days)", { number: true }],
  ["lead_days_high", "工期最长（天）", "lead time to (days)", { number: true }],
  ["lead_department", "牵头部门", "leading department"],
  ["partners", "协作单位", "partners"],
  ["published_effect", "已发表的效果", "published effect", { wide: true }],
  ["effect_outcome", "指标", "outcome"],
  ["effect_source", "出处", "source", { wide: true }],
  ["effect_status", "出处状态", "status of the source", { choices: [["seen", "已核对原文", "seen"], ["memory", "凭记忆，待核", "from memory"], ["none", "无", "none"]] }],
  ["evidence_grade", "证据等级", "grade", { choices: [["A", "A 多项对照研究", "A several controlled studies"], ["B", "B 一项对照研究", "B one controlled study"], ["C", "C 无对照前后比较", "C before and after"], ["D", "D 无数据，仅先验", "D prior only"]] }],
  ["prior_multiplier", "先验倍数", "prior multiplier", { number: true, zh: "0.8 = 预计少 20%", en: "0.8 = 20 % fewer" }],
  ["prior_low", "先验下限", "prior from", { number: true }],
  ["prior_high", "先验上限", "prior to", { number: true }],
  ["excludes", "互斥措施", "excludes", { list: "measures" }],
  ["requires", "前置措施", "requires", { list: "measures" }],
  ["reversible", "可撤除", "reversible", { choices: [["y", "是", "yes"], ["n", "否", "no"]] }],
  ["note", "备注", "note", { wide: true }],
];

export const measureColumns = computed<Column[]>(() => {
  const en = lang.value === "en";
  return ROWS.map(([id, nameZh, nameEn, rest]) => ({
    ...rest,
    id,
    name: en ? nameEn : nameZh,
    hint: en ? rest?.en : rest?.zh,
    choices: rest?.choices?.map(([v, z, e]) => [v, en ? e : z] as [string, string]),
  }));
});
