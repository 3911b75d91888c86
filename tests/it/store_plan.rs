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
        tx.commit().await.unwrap();
    }
}
