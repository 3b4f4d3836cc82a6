use super::*;
use crate::{
    port::{SystemClock, SystemEntropy},
    storage::{
        conformance::fixtures::{Sender, admit, change, device, dossier},
        throwaway_postgres::ThrowawayPostgres,
    },
};

/// Two processes behind one address share a database: what one admits pokes whoever listens at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poke_crosses_from_one_process_to_another() {
    let url = ThrowawayPostgres::shared().unwrap().fresh_database().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let place = Place { data: directory.path().to_owned(), database_url: Some(url) };
    let server = Server::open(&place, Catalogue::shipped(), Arc::new(SystemClock), Arc::<SystemEntropy>::default())
        .await
        .unwrap();
    let token = server.exchange().centre.token(device(7), SystemClock.now_ms());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/pokes", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(listener, async {
        let _ = stopped.await;
    }));
    let mut line = reqwest::Client::new().get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(line.status(), 200);

    let other = place.open_storage().await.unwrap();
    Sender::new(1).send(other.as_ref(), vec![change(dossier(1), 1, 1), change(dossier(2), 1, 1)]).await;
    admit(other.as_ref(), dossier(1), &["device:somebody-else"]).await;
    admit(other.as_ref(), dossier(2), &[&crate::access::device_scope(&device(7))]).await;
    assert_eq!(line.chunk().await.unwrap().unwrap(), "event: poke\ndata: {\"seq\":1}\n\n");
    stop.send(()).unwrap();
    assert_eq!(line.chunk().await.unwrap(), None);
    serving.await.unwrap().unwrap();
}
