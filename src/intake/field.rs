//! Which fields of a ticket can a column of a file carry?

use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $zh:literal, $en:literal;)*) => {
        /// A field that a column can be mapped to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// All fields in the order in which people look for them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable code used in files, mappings and the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Chinese name.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $zh,)* }
            }

            /// English name.
            #[must_use]
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

fields! {
    /// The channel's own number.
    ExternalNo, "external_no", "工单编号", "number";
    /// Number on the superior platform.
    SuperiorNo, "superior_no", "上级编号", "superior number";
    /// 诉求来源.
    Channel, "channel", "诉求来源", "channel";
    /// 性质.
    Nature, "nature", "诉求性质", "nature";
    /// 紧急程度.
    Urgency, "urgency", "紧急程度", "urgency";
    /// Title.
    Title, "title", "标题", "title";
    /// Content.
    Content, "content", "内容", "content";
    /// `大类->小类` in one column.
    CategoryPath, "category_path", "分类（多级）", "category path";
    /// First level.
    CategoryL1, "category_l1", "大类", "category, level 1";
    /// Second level.
    CategoryL2, "category_l2", "小类", "category, level 2";
    /// Third level.
    CategoryL3, "category_l3", "细类", "category, level 3";
    /// Words that say where.
    Place, "place", "地点", "place";
    /// Longitude or x.
    Lon, "lon", "经度", "longitude";
    /// Latitude or y.
    Lat, "lat", "纬度", "latitude";
    /// Label of the datum of the pair.
    Datum, "datum", "坐标系", "datum";
    /// District.
    District, "district", "区县", "district";
    /// Street office or town.
    Town, "town", "街道", "town";
    /// Community.
    Community, "community", "社区", "community";
    /// Petitioner's name.
    PetitionerName, "petitioner_name", "诉求人", "petitioner's name";
    /// Petitioner's phone.
    PetitionerPhone, "petitioner_phone", "联系电话", "petitioner's phone";
    /// Petitioner's account on the platform.
    PetitionerAccount, "petitioner_account", "用户账号", "petitioner's account";
    /// 先生 or 女士.
    PetitionerGender, "petitioner_gender", "性别", "petitioner's gender";
    /// Identity number.
    PetitionerIdCard, "petitioner_id_card", "证件号码", "petitioner's identity number";
    /// 保密.
    Confidential, "confidential", "是否保密", "confidential";
    /// Citizen's time.
    ReportedAt, "reported_at", "受理时间", "reported";
    /// Arrival in the brigade.
    ReceivedAt, "received_at", "派发时间", "received";
    /// Signed by the unit.
    SignedAt, "signed_at", "签收时间", "signed";
    /// First contact.
    ContactedAt, "contacted_at", "首次联系时间", "first contact";
    /// Promised time.
    DueAt, "due_at", "承诺完成时间", "due";
    /// Close.
    ClosedAt, "closed_at", "办结时间", "closed";
    /// Last change on the platform.
    UpdatedAt, "updated_at", "更新时间", "updated";
    /// Unit in charge.
    Unit, "unit", "承办单位", "unit";
    /// Section of the unit.
    Section, "section", "承办科室", "section";
    /// Handler.
    Handler, "handler", "承办人", "handler";
    /// Dispatcher.
    Dispatcher, "dispatcher", "派单员", "dispatcher";
    /// State on the platform.
    Status, "status", "办理状态", "status";
    /// Redo rounds.
    Redo, "redo", "重办次数", "redo rounds";
    /// Result.
    Result, "result", "处理结果", "result";
    /// Reply to the citizen.
    Reply, "reply", "答复内容", "reply";
    /// Visit was valid.
    VisitValid, "visit_valid", "是否有效回访", "valid visit";
    /// Visit: contacted.
    VisitContacted, "visit_contacted", "是否联系", "contacted";
    /// Visit: solved.
    VisitSolved, "visit_solved", "是否解决", "solved";
    /// Verdict on the result.
    Satisfaction, "satisfaction", "满意度", "satisfaction";
    /// Verdict on the service.
    SatisfactionProcess, "satisfaction_process", "服务过程满意度", "satisfaction with the service";
    /// Tags.
    Tags, "tags", "标签", "tags";
    /// Role of the ticket for the unit (主办, 协办).
    RoleNature, "role_nature", "工单性质", "role";
    /// Alarm state on the platform.
    Alert, "alert", "预警状态", "alert";
    /// Running number of the export; never kept.
    RowNo, "row_no", "序号", "row number";
}

impl Field {
    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.code() == code)
    }

    /// Whether values of this field name a person and are never shown or logged in clear.
    #[must_use]
    pub const fn personal(self) -> bool {
        matches!(
            self,
            Self::PetitionerName
                | Self::PetitionerPhone
                | Self::PetitionerAccount
                | Self::PetitionerIdCard
        )
    }

    /// Whether the value is free text that may contain personal data.
    #[must_use]
    pub const fn free_text(self) -> bool {
        matches!(
            self,
            Self::Title | Self::Content | Self::Place | Self::Reply | Self::Result
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back() {
        for field in Field::ALL {
            assert_eq!(Field::from_code(field.code()), Some(*field));
            let json = serde_json::to_string(field).unwrap();
            assert_eq!(json, format!("\"{}\"", field.code()));
        }
    }
}
