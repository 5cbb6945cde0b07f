-- The database of the first release, with a job that is done and one that is half done; made by sqlite3's .dump.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE deliveries (
	id VARCHAR(32) NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DOUBLE NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "deliveries" VALUES('KczZxcp-NlqBFZUtMGt0tg','done-job','done',1.79591861862389612193e+09,0,1.79591861862389612193e+09);
CREATE TABLE events (
	job_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR(16) NOT NULL, 
	data JSON NOT NULL, 
	checkpoint JSON, 
	PRIMARY KEY (job_id, number), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES('done-job',1,'queued','{"state": "queued"}',NULL);
INSERT INTO "events" VALUES('done-job',2,'running','{"state": "running"}',NULL);
INSERT INTO "events" VALUES('done-job',3,'update','{"stage": "transcribing", "seconds_done": 2.0, "seconds_total": 4.0, "language": "en", "language_probability": 0.99, "segments": [{"id": 0, "start": 0.123, "end": 1.0, "text": "Hello", "avg_logprob": -0.1, "no_speech_prob": 0.01, "language": "en", "words": [{"word": "Hello", "start": 0.123, "end": 1.0, "probability": 0.9, "timing": "aligned", "score": 0.5}], "aligner": "phonetic"}], "seconds_left": null}','{"windows": [{"seconds": 2.0, "language": "en", "probability": 0.99, "has_words": true, "languages": {"en": 0.99, "de": 0.01}, "channel": 0, "segments": [{"id": 0, "start": 0.123456789, "end": 1.0, "text": "Hello", "language": "en", "words": [{"word": "Hello", "start": 0.123456789, "end": 1.0, "probability": 0.9, "timing": "aligned", "score": 0.5, "speaker": null}], "avg_logprob": -0.1, "no_speech_prob": 0.01, "speaker": null, "paragraph": null, "aligner": "phonetic"}]}], "until": 2.0, "speech": [[{"start": 0.1, "end": 1.2, "has_speech": true}]], "notices": [{"code": "silent", "values": {}}], "timings": {"decode": 1.0}, "shown": 1, "released_until": 0.0}');
INSERT INTO "events" VALUES('done-job',4,'done','{"state": "done", "duration": 4.0}',NULL);
INSERT INTO "events" VALUES('waiting-job',1,'queued','{"state": "queued"}',NULL);
INSERT INTO "events" VALUES('waiting-job',2,'running','{"state": "running"}',NULL);
INSERT INTO "events" VALUES('waiting-job',3,'update','{"stage": "transcribing", "seconds_done": 2.0, "seconds_total": 4.0, "language": "en", "language_probability": 0.99, "segments": [{"id": 0, "start": 0.123, "end": 1.0, "text": "Hello", "avg_logprob": -0.1, "no_speech_prob": 0.01, "language": "en", "words": [{"word": "Hello", "start": 0.123, "end": 1.0, "probability": 0.9, "timing": "aligned", "score": 0.5}], "aligner": "phonetic"}], "seconds_left": null}','{"windows": [{"seconds": 2.0, "language": "en", "probability": 0.99, "has_words": true, "languages": {"en": 0.99, "de": 0.01}, "channel": 0, "segments": [{"id": 0, "start": 0.123456789, "end": 1.0, "text": "Hello", "language": "en", "words": [{"word": "Hello", "start": 0.123456789, "end": 1.0, "probability": 0.9, "timing": "aligned", "score": 0.5, "speaker": null}], "avg_logprob": -0.1, "no_speech_prob": 0.01, "speaker": null, "paragraph": null, "aligner": "phonetic"}]}], "until": 2.0, "speech": [[{"start": 0.1, "end": 1.2, "has_speech": true}]], "notices": [{"code": "silent", "values": {}}], "timings": {"decode": 1.0}, "shown": 1, "released_until": 0.0}');
INSERT INTO "events" VALUES('waiting-job',4,'queued','{"state": "queued"}',NULL);
CREATE TABLE jobs (
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	caller VARCHAR(200) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DOUBLE NOT NULL, 
	started_at DOUBLE, 
	finished_at DOUBLE, 
	recording VARCHAR(64), 
	source TEXT, 
	options JSON NOT NULL, 
	details JSON, 
	callback_url TEXT, 
	callback_body VARCHAR(8) NOT NULL, 
	idempotency_scope VARCHAR(220), 
	idempotency_key VARCHAR(255), 
	fingerprint VARCHAR(64) NOT NULL, 
	attempts INTEGER NOT NULL, 
	worker VARCHAR(100), 
	lease_until DOUBLE, 
	seconds_done DOUBLE NOT NULL, 
	seconds_total DOUBLE NOT NULL, 
	seconds_left DOUBLE, 
	language VARCHAR(16), 
	last_event INTEGER NOT NULL, 
	error JSON, 
	PRIMARY KEY (id), 
	CONSTRAINT jobs_idempotency UNIQUE (idempotency_scope, idempotency_key), 
	FOREIGN KEY(recording) REFERENCES recordings (digest)
);
INSERT INTO "jobs" VALUES('done-job','a','ann','done',1.79591861856089377406e+09,1.79591861858833980562e+09,1.79591861862389612193e+09,'dd29442deca69f52c50006b831cb216edf78a7da33748f0a80ff19f2ebe57ecd',NULL,'{"language": "en"}','{"talk": 1}','https://hooks.example/','state','a','k','6717573b64aff1ea886d238493062ffbb5a3331727e5bdd3b44888868602f2d8',0,NULL,NULL,4.0,4.0,NULL,'en',4,NULL);
INSERT INTO "jobs" VALUES('waiting-job','','ben','queued',1.79591861865631151201e+09,1.79591861867965126042e+09,NULL,'a11ae06469c63740d7b0ecf802f282a0d46e94f31a654dfcd3c0dc6dc277f904',NULL,'{"language": "en"}',NULL,NULL,'state',NULL,NULL,'2fe46cdb1f99270f5ac27307680f6df7d3ed76c078e594565f0f51a959cb2a74',0,NULL,NULL,2.0,4.0,NULL,'en',4,NULL);
CREATE TABLE recordings (
	digest VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "recordings" VALUES('dd29442deca69f52c50006b831cb216edf78a7da33748f0a80ff19f2ebe57ecd',5,1.79591861855296277997e+09);
INSERT INTO "recordings" VALUES('a11ae06469c63740d7b0ecf802f282a0d46e94f31a654dfcd3c0dc6dc277f904',4,1.79591861864669179917e+09);
CREATE TABLE results (
	job_id VARCHAR(32) NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "results" VALUES('done-job',X'789CBD90DD6AC3300C855FA5F83A0BC97E2EBA27D83B94629458B806470AB6DB6D84BCFB24B785956EBBDC9DF51DE9E8588B29F851CCEBC6BC618C6C9A8D8940FE081E15227D27764E3CC01062289FA276ED762BAA3B26288149C873DB09C8E827A49205EC16139CB62A2E904A1DEB1F9F1AF556A5AF237721E0E46D64AF0B853FC88C40629B67C4F1602FBC6BBBFEC7C4EF9CDC65BF3E6FACFFCA71F741CD16A6405E2D20064FE8AAC9C8096BCBCBBA6FAE52D2AEF9C084258CA60ABADEDE5EE47F124DEC306ACF0019CD2F11058F7CC2743EDEAE068644E29EAFF5799996CBBA7E01C798A671');
CREATE INDEX jobs_queue ON jobs (state, caller, created_at);
CREATE INDEX jobs_of_caller ON jobs (caller, started_at);
CREATE INDEX jobs_of_owner ON jobs (owner, created_at, id);
CREATE INDEX ix_jobs_finished_at ON jobs (finished_at);
CREATE INDEX ix_jobs_recording ON jobs (recording);
CREATE INDEX ix_deliveries_job_id ON deliveries (job_id);
CREATE INDEX ix_deliveries_next_at ON deliveries (next_at);
COMMIT;
