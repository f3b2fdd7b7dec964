BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE balances (
	book_id VARCHAR(32) NOT NULL, 
	account VARCHAR NOT NULL, 
	currency VARCHAR NOT NULL, 
	store VARCHAR NOT NULL, 
	business_date VARCHAR NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	PRIMARY KEY (book_id, account, currency, store, business_date)
)
 WITHOUT ROWID

;
INSERT INTO "balances" VALUES('test','assets:cash','USD','Airport','2026-10-05',1000);
INSERT INTO "balances" VALUES('test','assets:cash','USD','Downtown','2026-10-05',-5);
INSERT INTO "balances" VALUES('test','assets:clearing:card','USD','Downtown','2026-10-05',780);
INSERT INTO "balances" VALUES('test','assets:inventory','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','expenses:cogs','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','expenses:over-short','USD','Downtown','2026-10-05',5);
INSERT INTO "balances" VALUES('test','income:discounts','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','income:fees','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','income:returns','USD','Downtown','2026-10-05',400);
INSERT INTO "balances" VALUES('test','income:sales','USD','Airport','2026-10-05',-1000);
INSERT INTO "balances" VALUES('test','income:sales','USD','Downtown','2026-10-05',-1100);
INSERT INTO "balances" VALUES('test','liabilities:tax:state','USD','Downtown','2026-10-05',-80);
INSERT INTO "balances" VALUES('test','liabilities:tips','USD','Downtown','2026-10-05',0);
CREATE TABLE book_head (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	hash BLOB NOT NULL, 
	PRIMARY KEY (book_id)
);
INSERT INTO "book_head" VALUES('test',3,X'71E912EDF751F32660ED8EF7E8BC8E26343F2511DEF475758B0BD744FB437FE3');
CREATE TABLE commits (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	intake BIGINT NOT NULL, 
	recorded_at BIGINT NOT NULL, 
	records BIGINT NOT NULL, 
	posted BIGINT NOT NULL, 
	duplicates BIGINT NOT NULL, 
	versions BIGINT NOT NULL, 
	quarantined BIGINT NOT NULL, 
	ignored BIGINT NOT NULL, 
	entries BIGINT NOT NULL, 
	last BOOLEAN NOT NULL, 
	payload BLOB NOT NULL, 
	previous BLOB NOT NULL, 
	hash BLOB NOT NULL, 
	PRIMARY KEY (book_id, seq)
)
 WITHOUT ROWID

;
INSERT INTO "commits" VALUES('test',1,1,1793534400000000,5,4,0,0,1,0,4,1,X'DEDED9630DEE8A68D50CF0F6A9A4B9D6F85FEC747A876EC2CC075948BCED9E61',X'0000000000000000000000000000000000000000000000000000000000000000',X'B76BA2EAE95CF6EE40A8DC94E51C503A2466DBC1F6237C811769145C23A0560B');
INSERT INTO "commits" VALUES('test',2,2,1793620800000000,2,0,0,2,0,0,4,1,X'169EA70B0C687D7F10F9426931B0A1DB4FC5FC72C153F6C38343373BDF6BD638',X'B76BA2EAE95CF6EE40A8DC94E51C503A2466DBC1F6237C811769145C23A0560B',X'49D2E4489660EA7AE71E1C22D2A948C5E04CFBCC9E154CD4DF91D3FC69476DC2');
INSERT INTO "commits" VALUES('test',3,3,1793707200000000,2,1,1,0,0,0,1,1,X'3F01213715B2C35C1FBE71ABD92BE17B8FD24847509707538EBA6AF56869E0CC',X'49D2E4489660EA7AE71E1C22D2A948C5E04CFBCC9E154CD4DF91D3FC69476DC2',X'71E912EDF751F32660ED8EF7E8BC8E26343F2511DEF475758B0BD744FB437FE3');
CREATE TABLE documents (
	book_id VARCHAR(32) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	masked INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	PRIMARY KEY (book_id, id)
)
 WITHOUT ROWID

;
INSERT INTO "documents" VALUES('test','19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278','0.csv','text/csv',10,0,1793534400000000);
INSERT INTO "documents" VALUES('test','7a89f07afb4d1b977149fc8b7f2a180057b5e742d5d31d5339a2b3ec23427d26','2.csv','text/csv',10,0,1793534400000000);
INSERT INTO "documents" VALUES('test','caa0c419ed4b5d7628d1ce29a28ca67850f779c4d929febffc192a514f1e186e','1.csv','text/csv',10,0,1793534400000000);
INSERT INTO "documents" VALUES('test','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','export.csv','text/csv',0,0,1793534400000000);
CREATE TABLE entries (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	store VARCHAR NOT NULL, 
	business_date VARCHAR NOT NULL, 
	currency VARCHAR NOT NULL, 
	seal BLOB NOT NULL, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "entries" VALUES('test',1,0,'ticket','Downtown','2026-10-05','USD',X'60FC194BFDE2FC0F2F79711BB596B2D929D30979907748803F61C36708A71344');
INSERT INTO "entries" VALUES('test',1,1,'ticket','Airport','2026-10-05','USD',X'4A850890DFF9C432DCB8CB47846D639DA9418750AAEC43CF74F377537B587A38');
INSERT INTO "entries" VALUES('test',1,2,'ticket','Downtown','2026-10-05','USD',X'89C848332657FA11C196E3221EDBB22FBD413FF84DA70A18A7240005CD8F5421');
INSERT INTO "entries" VALUES('test',1,3,'event','Downtown','2026-10-05','USD',X'811159432ACB43720D5BFB6A9A10C80737A6FF51561F669DC5F7FD1FDED136BC');
INSERT INTO "entries" VALUES('test',2,0,'ticket','Downtown','2026-10-05','USD',X'288F4754386DB93C0F7DB8E0ED814F0AAEAB2BDCBD3ED2A77AEABA8B162A46AD');
INSERT INTO "entries" VALUES('test',2,1,'event','Downtown','2026-10-05','USD',X'B8A4598751CE2DEEFCFCA9F45F39D239DD7B671F08B08E27C62E7FB6F83329F8');
INSERT INTO "entries" VALUES('test',2,2,'reversal','Downtown','2026-10-05','USD',X'D46AD1CB355A8E21E161ECE69A248F5DC6F47B550B6411A3F59D0C777553AE0A');
INSERT INTO "entries" VALUES('test',2,3,'reversal','Downtown','2026-10-05','USD',X'7AD63CDDB2BDADA7D27BECFE4DA5ABFC125D96FF281A072E65E76BA5AE728B0F');
INSERT INTO "entries" VALUES('test',3,0,'ticket','Downtown','2026-10-05','USD',X'9BDAB0041FA493A9D9E227BBC55ABAC89305B4993B58B6AF0AF8993386255EF1');
CREATE TABLE events (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	version BLOB NOT NULL, 
	source VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	version_stamp BIGINT, 
	store VARCHAR NOT NULL, 
	register VARCHAR, 
	cashier VARCHAR, 
	business_date VARCHAR NOT NULL, 
	at BIGINT, 
	utc_offset_minutes BIGINT, 
	kind VARCHAR NOT NULL, 
	currency VARCHAR NOT NULL, 
	opening_float_minor BIGINT, 
	cash_in_minor BIGINT, 
	cash_out_minor BIGINT, 
	expected_minor BIGINT, 
	counted_minor BIGINT, 
	deposited_minor BIGINT, 
	no_sales BIGINT, 
	locator VARCHAR NOT NULL, 
	delivery VARCHAR, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "events" VALUES('test',1,3,X'6F95734E1EB8ADCECB6B4A2E3C3EDBCAB7B907BCDD9206AEE39702208374E27C','pos','c',1791273600000000,'Downtown','1',NULL,'2026-10-05',NULL,NULL,'count','USD',NULL,NULL,NULL,1000,990,NULL,NULL,'row 2',NULL);
INSERT INTO "events" VALUES('test',2,1,X'0D4BB7E74801C43812AA0BB392C5AE3D3E1FA37951A4A39C943328D20DF0D753','pos','c',1791277200000000,'Downtown','1',NULL,'2026-10-05',NULL,NULL,'count','USD',NULL,NULL,NULL,1000,995,NULL,NULL,'row 2',NULL);
CREATE TABLE holds (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	disposition VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	document VARCHAR(64) NOT NULL, 
	locator VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	external_id VARCHAR, 
	store VARCHAR, 
	business_date VARCHAR, 
	amount_minor BIGINT, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "holds" VALUES('test',1,4,'quarantined','a-rule','a reason','19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278','row 9','pos','H1','Downtown','2026-10-05',5);
CREATE TABLE intakes (
	book_id VARCHAR(32) NOT NULL, 
	number BIGINT NOT NULL, 
	document VARCHAR(64) NOT NULL, 
	source VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (book_id, number)
)
 WITHOUT ROWID

;
INSERT INTO "intakes" VALUES('test',1,'19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278','pos',1793534400000000);
INSERT INTO "intakes" VALUES('test',2,'caa0c419ed4b5d7628d1ce29a28ca67850f779c4d929febffc192a514f1e186e','pos',1793620800000000);
INSERT INTO "intakes" VALUES('test',3,'7a89f07afb4d1b977149fc8b7f2a180057b5e742d5d31d5339a2b3ec23427d26','pos',1793707200000000);
CREATE TABLE lines (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	item_id VARCHAR, 
	name VARCHAR, 
	category VARCHAR, 
	quantity_micro BIGINT, 
	list_price_minor BIGINT, 
	unit_price_minor BIGINT, 
	gross_minor BIGINT, 
	discount_minor BIGINT, 
	discount_code VARCHAR, 
	override_reason VARCHAR, 
	voided BOOLEAN, 
	net_minor BIGINT, 
	tax_minor BIGINT, 
	cost_minor BIGINT, 
	locator VARCHAR NOT NULL, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "lines" VALUES('test',1,0,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,100,NULL,NULL,0,900,72,300,'row 2');
INSERT INTO "lines" VALUES('test',1,0,2,'fee','A1','Apple pie','Food',1000000,NULL,NULL,250,0,NULL,NULL,0,250,NULL,NULL,'row 2');
INSERT INTO "lines" VALUES('test',1,1,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 3');
INSERT INTO "lines" VALUES('test',1,2,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 4');
INSERT INTO "lines" VALUES('test',2,0,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1100,0,NULL,NULL,0,1100,NULL,NULL,'row 2');
INSERT INTO "lines" VALUES('test',3,0,1,'item','A1','Apple pie','Food',-1000000,NULL,NULL,-400,0,NULL,NULL,0,-400,NULL,NULL,'row 3');
CREATE TABLE postings (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	account VARCHAR NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "postings" VALUES('test',1,0,1,'assets:clearing:card',1322);
INSERT INTO "postings" VALUES('test',1,0,2,'assets:inventory',-300);
INSERT INTO "postings" VALUES('test',1,0,3,'expenses:cogs',300);
INSERT INTO "postings" VALUES('test',1,0,4,'income:discounts',100);
INSERT INTO "postings" VALUES('test',1,0,5,'income:fees',-250);
INSERT INTO "postings" VALUES('test',1,0,6,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',1,0,7,'liabilities:tax:state',-72);
INSERT INTO "postings" VALUES('test',1,0,8,'liabilities:tips',-100);
INSERT INTO "postings" VALUES('test',1,1,1,'assets:cash',1000);
INSERT INTO "postings" VALUES('test',1,1,2,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',1,3,1,'assets:cash',-10);
INSERT INTO "postings" VALUES('test',1,3,2,'expenses:over-short',10);
INSERT INTO "postings" VALUES('test',2,0,1,'assets:clearing:card',1180);
INSERT INTO "postings" VALUES('test',2,0,2,'income:sales',-1100);
INSERT INTO "postings" VALUES('test',2,0,3,'liabilities:tax:state',-80);
INSERT INTO "postings" VALUES('test',2,1,1,'assets:cash',-5);
INSERT INTO "postings" VALUES('test',2,1,2,'expenses:over-short',5);
INSERT INTO "postings" VALUES('test',2,2,1,'assets:clearing:card',-1322);
INSERT INTO "postings" VALUES('test',2,2,2,'assets:inventory',300);
INSERT INTO "postings" VALUES('test',2,2,3,'expenses:cogs',-300);
INSERT INTO "postings" VALUES('test',2,2,4,'income:discounts',-100);
INSERT INTO "postings" VALUES('test',2,2,5,'income:fees',250);
INSERT INTO "postings" VALUES('test',2,2,6,'income:sales',1000);
INSERT INTO "postings" VALUES('test',2,2,7,'liabilities:tax:state',72);
INSERT INTO "postings" VALUES('test',2,2,8,'liabilities:tips',100);
INSERT INTO "postings" VALUES('test',2,3,1,'assets:cash',10);
INSERT INTO "postings" VALUES('test',2,3,2,'expenses:over-short',-10);
INSERT INTO "postings" VALUES('test',3,0,1,'assets:clearing:card',-400);
INSERT INTO "postings" VALUES('test',3,0,2,'income:returns',400);
CREATE TABLE reversals (
	book_id VARCHAR(32) NOT NULL, 
	reverses_seq BIGINT NOT NULL, 
	reverses_n BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	PRIMARY KEY (book_id, reverses_seq, reverses_n)
)
 WITHOUT ROWID

;
INSERT INTO "reversals" VALUES('test',1,0,2,2);
INSERT INTO "reversals" VALUES('test',1,3,2,3);
CREATE TABLE taxes (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	line BIGINT, 
	jurisdiction VARCHAR, 
	rate_micro BIGINT, 
	base_minor BIGINT, 
	amount_minor BIGINT, 
	included BOOLEAN, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "taxes" VALUES('test',1,0,1,NULL,'State',NULL,NULL,72,0);
INSERT INTO "taxes" VALUES('test',2,0,1,NULL,'State',NULL,NULL,80,0);
CREATE TABLE tenders (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	type VARCHAR, 
	brand VARCHAR, 
	amount_minor BIGINT, 
	change_minor BIGINT, 
	tip_minor BIGINT, 
	token VARCHAR, 
	entry_method VARCHAR, 
	authorisation VARCHAR, 
	fee_minor BIGINT, 
	rounding_minor BIGINT, 
	locator VARCHAR NOT NULL, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "tenders" VALUES('test',1,0,1,'card',NULL,1322,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 2');
INSERT INTO "tenders" VALUES('test',1,1,1,'cash',NULL,2000,1000,NULL,NULL,NULL,NULL,NULL,NULL,'row 3');
INSERT INTO "tenders" VALUES('test',2,0,1,'card',NULL,1180,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 2');
INSERT INTO "tenders" VALUES('test',3,0,1,'card',NULL,-400,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 3');
CREATE TABLE tickets (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	version BLOB NOT NULL, 
	source VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	version_stamp BIGINT, 
	store VARCHAR NOT NULL, 
	register VARCHAR, 
	sequence BIGINT, 
	business_date VARCHAR NOT NULL, 
	opened_at BIGINT, 
	closed_at BIGINT, 
	utc_offset_minutes BIGINT, 
	kind VARCHAR NOT NULL, 
	original_external_id VARCHAR, 
	receipt_present BOOLEAN, 
	cashier VARCHAR, 
	approver VARCHAR, 
	customer VARCHAR, 
	guests BIGINT, 
	channel VARCHAR, 
	currency VARCHAR NOT NULL, 
	memo VARCHAR, 
	gross_minor BIGINT, 
	discount_minor BIGINT, 
	net_minor BIGINT, 
	tax_minor BIGINT, 
	tip_minor BIGINT, 
	service_charge_minor BIGINT, 
	rounding_minor BIGINT, 
	total_minor BIGINT, 
	locator VARCHAR NOT NULL, 
	delivery VARCHAR, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "tickets" VALUES('test',1,0,X'42CAB4403BF17CB20DF470474A9B34C45D0C9D95A9024CE089281DE5E49CFB88','pos','1',1791273600000000,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD','Café; ''quoted''',NULL,NULL,NULL,NULL,100,NULL,NULL,1322,'row 2',NULL);
INSERT INTO "tickets" VALUES('test',1,1,X'29F33E91B92873D4CEF1877EF43EC2ED45933B543F7F4250122113AC4A2200AC','pos','2',NULL,'Airport','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 3',NULL);
INSERT INTO "tickets" VALUES('test',1,2,X'3347865D8360A89016212C3C1A476E796A28EAC111D81346103FC363A67143FF','pos','3',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'void_after_tender',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 4',NULL);
INSERT INTO "tickets" VALUES('test',2,0,X'25A429AC9ED2E3665244B2CFE8B272B1483D4950F0752BB0A31FEADFCE456567','pos','1',1791277200000000,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1180,'row 2',NULL);
INSERT INTO "tickets" VALUES('test',3,0,X'790B914E6587034371FDC0771411CF43C6291D0D62975A9E2DEB446B11F687B9','pos','4',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'return',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-400,'row 3',NULL);
CREATE UNIQUE INDEX tickets_identity ON tickets (book_id, source, external_id, version);
CREATE UNIQUE INDEX events_identity ON events (book_id, source, external_id, version);
CREATE UNIQUE INDEX reversals_address ON reversals (book_id, seq, n);
CREATE INDEX holds_place ON holds (book_id, document, locator, rule);
COMMIT;
