//! Are plans of measures kept as they were made, and adopted only once, on both engines?

use zhilu::store::plan;

use crate::store_support::grounds;

#[tokio::test]
async fn a_plan_is_kept_as_made_and_adopted_once() {
    for ground in grounds().await {
        let mut tx = ground.store.write().await.unwrap();
        let first = plan::insert(&mut tx, "{\"a\":1}", "planner", 5)
            .await
            .unwrap();
        let second = plan::insert(&mut tx, "{}", "planner", 6).await.unwrap();
        assert!(plan::adopt(&mut tx, first, "leader", 7).await.unwrap());
        assert!(!plan::adopt(&mut tx, first, "leader", 8).await.unwrap());
        let kept = plan::by_id(&mut tx, first).await.unwrap().unwrap();
        assert_eq!(
            (kept.body.as_str(), kept.adopted_by.as_deref()),
            ("{\"a\":1}", Some("leader"))
        );
        let ids: Vec<i64> = plan::newest(&mut tx)
            .await
            .unwrap()
            .iter()
            .map(|p| p.id)
            .collect();
        assert_eq!(ids, vec![second, first]);
        assert!(plan::by_id(&mut tx, 999).await.unwrap().is_none());
        for body in ["{\"measures\":\"a\"}", "never written over"] {
            plan::keep_catalogue(&mut tx, "ab12", body).await.unwrap();
        }
        let known = plan::catalogue(&mut tx, "ab12").await.unwrap();
        assert_eq!(known.as_deref(), Some("{\"measures\":\"a\"}"));
        assert!(plan::catalogue(&mut tx, "none").await.unwrap().is_none());
        let one = plan::insert_patrol(&mut tx, "{\"b\":2}", "squad", 9)
            .await
            .unwrap();
        let two = plan::insert_patrol(&mut tx, "{}", "squad", 9)
            .await
            .unwrap();
        let kept = plan::patrol(&mut tx, one).await.unwrap().unwrap();
        assert_eq!(
            (kept.body.as_str(), kept.created_by.as_str()),
            ("{\"b\":2}", "squad")
        );
        let newest: Vec<i64> = plan::patrols(&mut tx)
            .await
            .unwrap()
            .iter()
            .map(|p| p.id)
            .collect();
        assert_eq!(newest, [two, one]);
        assert!(plan::patrol(&mut tx, 99).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }
}
