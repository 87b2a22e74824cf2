"""A replay whose worker is killed in the middle is begun anew by another, and ends once."""

from datetime import UTC, datetime, timedelta

from tests.harness import wait_for


def replay_row(company):
    return company.desk.sql("SELECT state, tries, progress, result IS NOT NULL FROM routing_replay ORDER BY id DESC")[0]


def begin(company):
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    company.desk.manage("seed_traffic", "--days=1", "--load=0.1", f"--from={day}")
    asked = {"from": f"{day}T00:00:00Z", "to": f"{day + timedelta(days=1)}T00:00:00Z", "replications": 40}
    status, row = company.supervisor.ask("POST", "replays/", **asked)
    assert (status, row["state"]) == (201, "queued")
    wait_for(lambda: replay_row(company)[2] > 0, 90, lambda: f"It was never begun: {replay_row(company)}")
    return row["id"]


def test_a_replay_outlives_the_death_of_its_worker(company):
    begin(company)
    company.desk.kill("worker")
    state, tries, progress, has_result = replay_row(company)
    assert (state, tries, has_result) == ("running", 1, False)
    assert progress < 1

    company.desk.sql("UPDATE routing_replay SET lease_until = now() - interval '1 second', replications = 4")
    company.desk.run("worker")

    wait_for(lambda: replay_row(company)[0] == "done", 100, lambda: f"It was not finished: {replay_row(company)}")
    assert replay_row(company) == ("done", 2, 1.0, True)
