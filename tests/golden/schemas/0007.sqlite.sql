BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0007');
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
INSERT INTO "balances" VALUES('test','assets:cash','USD','Downtown','2026-10-05',995);
INSERT INTO "balances" VALUES('test','assets:clearing:card','USD','Downtown','2026-10-05',1852);
INSERT INTO "balances" VALUES('test','assets:clearing:card','USD','Downtown','2026-10-06',1120);
INSERT INTO "balances" VALUES('test','assets:clearing:marketplace-tax','USD','Downtown','2026-10-05',-72);
INSERT INTO "balances" VALUES('test','assets:inventory','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','expenses:cogs','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','expenses:over-short','USD','Downtown','2026-10-05',5);
INSERT INTO "balances" VALUES('test','income:comps','USD','Downtown','2026-10-05',1000);
INSERT INTO "balances" VALUES('test','income:discounts','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','income:fees','USD','Downtown','2026-10-05',0);
INSERT INTO "balances" VALUES('test','income:returns','USD','Downtown','2026-10-05',400);
INSERT INTO "balances" VALUES('test','income:sales','USD','Airport','2026-10-05',-1000);
INSERT INTO "balances" VALUES('test','income:sales','USD','Downtown','2026-10-05',-4100);
INSERT INTO "balances" VALUES('test','income:sales','USD','Downtown','2026-10-06',-1200);
INSERT INTO "balances" VALUES('test','liabilities:tax:state','USD','Downtown','2026-10-05',-80);
INSERT INTO "balances" VALUES('test','liabilities:tax:state','USD','Downtown','2026-10-06',80);
INSERT INTO "balances" VALUES('test','liabilities:tips','USD','Downtown','2026-10-05',0);
CREATE TABLE book_head (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	hash BLOB NOT NULL, moved_to VARCHAR, 
	PRIMARY KEY (book_id)
);
INSERT INTO "book_head" VALUES('test',8,X'57F057FDB174256B74484329886F94952B655868ECD82F1272AFFA9C91AE44FF',NULL);
CREATE TABLE case_events (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	number BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "case_events" VALUES('test',6,0,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',1,'opened','Tillproof','{"store":"Downtown","person":"Grace","family":"refunds","about":null,"first":"2026-09-28","last":"2026-10-25","follows":null}');
INSERT INTO "case_events" VALUES('test',6,1,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',2,'flag_added','Tillproof','{"flag":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","person":"Grace","facts":"{\"kind\":\"refund_no_receipt_cash\"}"}');
INSERT INTO "case_events" VALUES('test',6,2,'e195478e77522464914d32825dbfdb0930109800e9c87f1b4d7e68e8c64b13c6',1,'opened','Tillproof','{"store":"Downtown","person":null,"family":"refunds","about":"sequence_gap","first":"2026-09-28","last":"2026-10-25","follows":"86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399"}');
INSERT INTO "case_events" VALUES('test',7,0,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',3,'assigned','Ada','{"to":"Ada"}');
INSERT INTO "case_events" VALUES('test',7,1,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',4,'commented','Ada','{"text":"Café; ''quoted''"}');
INSERT INTO "case_events" VALUES('test',7,2,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',5,'attached','Ada','{"document":"19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278","name":"0.csv"}');
INSERT INTO "case_events" VALUES('test',7,3,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',6,'stepped','Ada','{"state":"waiting","reason":"asked the store"}');
INSERT INTO "case_events" VALUES('test',7,4,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',7,'verdict','Ada','{"outcome":"loss","reason":"no receipt was found"}');
INSERT INTO "case_events" VALUES('test',7,5,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',8,'stepped','Ada','{"state":"reopened","reason":"the receipt turned up"}');
INSERT INTO "case_events" VALUES('test',7,6,'86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399',9,'flag_gone','Ada','{"flag":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}');
INSERT INTO "case_events" VALUES('test',8,0,'d1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424',1,'suppressed','Ada','{"family":"voids","kind":null,"store":"Downtown","person":null,"register":"1","until":"2026-12-31","owner":"Ada","reason":"training week","score":0.4,"case":"86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399"}');
INSERT INTO "case_events" VALUES('test',8,1,'d1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424',2,'flag_suppressed','Tillproof','{"flag":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","facts":"{}"}');
INSERT INTO "case_events" VALUES('test',8,2,'d1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424',3,'suppression_ended','Ada','{"reason":"training is over"}');
INSERT INTO "case_events" VALUES('test',8,3,'weights',1,'weights_adopted','Ada','{"upto":5,"confirmed":1,"dismissed":0,"weights":[["refund_no_receipt_cash",0.5455]],"coefficients":[],"reason":"the first verdicts"}');
INSERT INTO "case_events" VALUES('test',8,4,'weights',2,'weights_reverted','Ada','{"reason":"too early"}');
INSERT INTO "case_events" VALUES('test',8,5,'92158c5f0cd26b74462616fa2a41a089e91914af04a77cfe4e70b93122d9355e',1,'sample_drawn','Ada','{"first":"2026-10-05","last":"2026-10-11","unflagged":40,"drawn":2}');
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
INSERT INTO "commits" VALUES('test',3,3,1793707200000000,5,4,1,0,0,0,4,1,X'BC4B1D83B0BBF8AFACF6ADA88D44BDAF88DF9126189735B81548E59B31F458BE',X'49D2E4489660EA7AE71E1C22D2A948C5E04CFBCC9E154CD4DF91D3FC69476DC2',X'F5EAEFDCB73EBF3ACC939674463C9E473B36E8F2282D030BE9D2244A3D5C4116');
INSERT INTO "commits" VALUES('test',4,0,1793880000000000,0,0,0,0,0,0,0,1,X'C743752A36AD25648C76C7DE43066EC99520F778B4837D2270961EBBC9677ACA',X'F5EAEFDCB73EBF3ACC939674463C9E473B36E8F2282D030BE9D2244A3D5C4116',X'CEB313548FDE1082139D1AD065E7F9B4D35AA75CD50D0C45C7060BB23DCFBD9A');
INSERT INTO "commits" VALUES('test',5,4,1793880000000000,3,2,0,1,0,0,4,1,X'C74DE15A36E432C004587565774C7FF3C8347368C8B97171CBF7D3CC6C30A114',X'CEB313548FDE1082139D1AD065E7F9B4D35AA75CD50D0C45C7060BB23DCFBD9A',X'02542B99292E8821441DC1D88AA804B8FB5B95F4327D41AB67FA1347EC3421AB');
INSERT INTO "commits" VALUES('test',6,0,1793966400000000,0,0,0,0,0,0,0,1,X'7E4F9A59EBC69E5357BFB69106FDEB94379E6B93ADFA061DF9576E795FD603B6',X'02542B99292E8821441DC1D88AA804B8FB5B95F4327D41AB67FA1347EC3421AB',X'1ED470B2DEDF58645F4B01B8141FACD94B067F05E62900DE781D6C3FDB35FB5F');
INSERT INTO "commits" VALUES('test',7,0,1793970000000000,0,0,0,0,0,0,0,1,X'E57048E76CB8792D30A2053240358CEB5266E06303D10007BBDA45ADE7B14656',X'1ED470B2DEDF58645F4B01B8141FACD94B067F05E62900DE781D6C3FDB35FB5F',X'ABDE468970599553E372847B036503E5BE89C95D0E052026AEADDEE947B9868A');
INSERT INTO "commits" VALUES('test',8,0,1793973600000000,0,0,0,0,0,0,0,1,X'16D1F6C67E11CBCF2461ACFCF2A70AA28AD065782A523698CA5A282778846421',X'ABDE468970599553E372847B036503E5BE89C95D0E052026AEADDEE947B9868A',X'57F057FDB174256B74484329886F94952B655868ECD82F1272AFFA9C91AE44FF');
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
	seal BLOB NOT NULL, original_business_date VARCHAR, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "entries" VALUES('test',1,0,'ticket','Downtown','2026-10-05','USD',X'60FC194BFDE2FC0F2F79711BB596B2D929D30979907748803F61C36708A71344',NULL);
INSERT INTO "entries" VALUES('test',1,1,'ticket','Airport','2026-10-05','USD',X'4A850890DFF9C432DCB8CB47846D639DA9418750AAEC43CF74F377537B587A38',NULL);
INSERT INTO "entries" VALUES('test',1,2,'ticket','Downtown','2026-10-05','USD',X'89C848332657FA11C196E3221EDBB22FBD413FF84DA70A18A7240005CD8F5421',NULL);
INSERT INTO "entries" VALUES('test',1,3,'event','Downtown','2026-10-05','USD',X'811159432ACB43720D5BFB6A9A10C80737A6FF51561F669DC5F7FD1FDED136BC',NULL);
INSERT INTO "entries" VALUES('test',2,0,'ticket','Downtown','2026-10-05','USD',X'288F4754386DB93C0F7DB8E0ED814F0AAEAB2BDCBD3ED2A77AEABA8B162A46AD',NULL);
INSERT INTO "entries" VALUES('test',2,1,'event','Downtown','2026-10-05','USD',X'B8A4598751CE2DEEFCFCA9F45F39D239DD7B671F08B08E27C62E7FB6F83329F8',NULL);
INSERT INTO "entries" VALUES('test',2,2,'reversal','Downtown','2026-10-05','USD',X'D46AD1CB355A8E21E161ECE69A248F5DC6F47B550B6411A3F59D0C777553AE0A',NULL);
INSERT INTO "entries" VALUES('test',2,3,'reversal','Downtown','2026-10-05','USD',X'7AD63CDDB2BDADA7D27BECFE4DA5ABFC125D96FF281A072E65E76BA5AE728B0F',NULL);
INSERT INTO "entries" VALUES('test',3,0,'ticket','Downtown','2026-10-05','USD',X'9BDAB0041FA493A9D9E227BBC55ABAC89305B4993B58B6AF0AF8993386255EF1',NULL);
INSERT INTO "entries" VALUES('test',3,1,'ticket','Downtown','2026-10-05','USD',X'8FC17FA538C61A3EEAD6A651233FB31CF0C9911C9F827B16975136F1B8BA2572',NULL);
INSERT INTO "entries" VALUES('test',3,2,'ticket','Downtown','2026-10-05','USD',X'9C0701B7F2BEAC3659820139532DF895D52AA5DE5F72E041C02E6EBD21558EA9',NULL);
INSERT INTO "entries" VALUES('test',3,3,'ticket','Downtown','2026-10-05','USD',X'17D45D22715C3C4A1312363C9DE639EED25C51B1813577D9769BF316D162D0BA',NULL);
INSERT INTO "entries" VALUES('test',5,0,'ticket','Downtown','2026-10-06','USD',X'9E4BB7AB24CD280E952440DFAF065B634C0521B2518B4D728BEE05CE09C6458A','2026-10-05');
INSERT INTO "entries" VALUES('test',5,1,'ticket','Downtown','2026-10-06','USD',X'1D34AF297198908F3B73A3FAA3D184AE3A0C3E6A2CDCFDA0F3F6BBEAB88B2F87','2026-10-05');
INSERT INTO "entries" VALUES('test',5,2,'ticket','Downtown','2026-10-06','USD',X'6134477B6E9F41F52E9BDFE3508A589AEBC91FEAB726605515B0506FC20C4C86','2026-10-05');
INSERT INTO "entries" VALUES('test',5,3,'reversal','Downtown','2026-10-06','USD',X'2593AF8106FE7BF0E98508DD327C3BBABBA5D63DEFF300A3182B3A394940E0F8','2026-10-05');
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
CREATE TABLE exports (
	book_id VARCHAR(32) NOT NULL, 
	number BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	format VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	first_date VARCHAR, 
	last_date VARCHAR, 
	stores VARCHAR, 
	currency VARCHAR, 
	seq BIGINT NOT NULL, 
	entries BIGINT NOT NULL, 
	sha256 BLOB NOT NULL, 
	PRIMARY KEY (book_id, number)
)
 WITHOUT ROWID

;
INSERT INTO "exports" VALUES('test',1,1793793600000000,'xero','daily',NULL,'2026-10-05',NULL,NULL,3,2,X'220B294BD5A359BA51AC43C8D5E578B803FF307447B95313A6EC26D4CD2E1010');
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
INSERT INTO "intakes" VALUES('test',4,'19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278','pos',1793880000000000);
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
	locator VARCHAR NOT NULL, discount_kind VARCHAR, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "lines" VALUES('test',1,0,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,100,NULL,NULL,0,900,72,300,'row 2',NULL);
INSERT INTO "lines" VALUES('test',1,0,2,'fee','A1','Apple pie','Food',1000000,NULL,NULL,250,0,NULL,NULL,0,250,NULL,NULL,'row 2',NULL);
INSERT INTO "lines" VALUES('test',1,1,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 3',NULL);
INSERT INTO "lines" VALUES('test',1,2,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 4',NULL);
INSERT INTO "lines" VALUES('test',2,0,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1100,0,NULL,NULL,0,1100,NULL,NULL,'row 2',NULL);
INSERT INTO "lines" VALUES('test',3,0,1,'item','A1','Apple pie','Food',-1000000,NULL,NULL,-400,0,NULL,NULL,0,-400,NULL,NULL,'row 3',NULL);
INSERT INTO "lines" VALUES('test',3,1,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,1000,NULL,NULL,0,0,NULL,NULL,'row 4','comp');
INSERT INTO "lines" VALUES('test',3,2,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 5',NULL);
INSERT INTO "lines" VALUES('test',3,3,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 6',NULL);
INSERT INTO "lines" VALUES('test',5,0,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 2',NULL);
INSERT INTO "lines" VALUES('test',5,1,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,1000,0,NULL,NULL,0,1000,NULL,NULL,'row 3',NULL);
INSERT INTO "lines" VALUES('test',5,2,1,'item','A1','Apple pie','Food',1000000,NULL,NULL,300,0,NULL,NULL,0,300,NULL,NULL,'row 4',NULL);
CREATE TABLE periods (
	book_id VARCHAR(32) NOT NULL, 
	seq BIGINT NOT NULL, 
	start_date VARCHAR NOT NULL, 
	end_date VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (book_id, seq)
)
 WITHOUT ROWID

;
INSERT INTO "periods" VALUES('test',4,'0001-01-01','2026-10-05','locked','Ada','October is filed');
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
INSERT INTO "postings" VALUES('test',3,1,1,'income:comps',1000);
INSERT INTO "postings" VALUES('test',3,1,2,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',3,2,1,'assets:cash',1000);
INSERT INTO "postings" VALUES('test',3,2,2,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',3,3,1,'assets:clearing:card',1072);
INSERT INTO "postings" VALUES('test',3,3,2,'assets:clearing:marketplace-tax',-72);
INSERT INTO "postings" VALUES('test',3,3,3,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',5,0,1,'assets:clearing:card',1000);
INSERT INTO "postings" VALUES('test',5,0,2,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',5,1,1,'assets:clearing:card',1000);
INSERT INTO "postings" VALUES('test',5,1,2,'income:sales',-1000);
INSERT INTO "postings" VALUES('test',5,2,1,'assets:clearing:card',300);
INSERT INTO "postings" VALUES('test',5,2,2,'income:sales',-300);
INSERT INTO "postings" VALUES('test',5,3,1,'assets:clearing:card',-1180);
INSERT INTO "postings" VALUES('test',5,3,2,'income:sales',1100);
INSERT INTO "postings" VALUES('test',5,3,3,'liabilities:tax:state',80);
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
INSERT INTO "reversals" VALUES('test',2,0,5,3);
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
	included BOOLEAN, facilitator BOOLEAN, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "taxes" VALUES('test',1,0,1,NULL,'State',NULL,NULL,72,0,NULL);
INSERT INTO "taxes" VALUES('test',2,0,1,NULL,'State',NULL,NULL,80,0,NULL);
INSERT INTO "taxes" VALUES('test',3,3,1,NULL,'State',NULL,NULL,72,0,1);
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
	locator VARCHAR NOT NULL, foreign_currency VARCHAR, foreign_amount VARCHAR, exchange_rate VARCHAR, 
	PRIMARY KEY (book_id, seq, n, number)
)
 WITHOUT ROWID

;
INSERT INTO "tenders" VALUES('test',1,0,1,'card',NULL,1322,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 2',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',1,1,1,'cash',NULL,2000,1000,NULL,NULL,NULL,NULL,NULL,NULL,'row 3',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',2,0,1,'card',NULL,1180,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 2',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',3,0,1,'card',NULL,-400,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 3',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',3,1,1,'card',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 4',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',3,2,1,'cash',NULL,2000,1000,NULL,NULL,NULL,NULL,NULL,NULL,'row 5','EUR','18.00','1.1111');
INSERT INTO "tenders" VALUES('test',3,3,1,'card',NULL,1072,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 6',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',5,0,1,'card',NULL,1000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 2',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',5,1,1,'card',NULL,1000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 3',NULL,NULL,NULL);
INSERT INTO "tenders" VALUES('test',5,2,1,'card',NULL,300,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'row 4',NULL,NULL,NULL);
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
	delivery VARCHAR, received_at BIGINT, 
	PRIMARY KEY (book_id, seq, n)
)
 WITHOUT ROWID

;
INSERT INTO "tickets" VALUES('test',1,0,X'42CAB4403BF17CB20DF470474A9B34C45D0C9D95A9024CE089281DE5E49CFB88','pos','1',1791273600000000,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD','Café; ''quoted''',NULL,NULL,NULL,NULL,100,NULL,NULL,1322,'row 2',NULL,NULL);
INSERT INTO "tickets" VALUES('test',1,1,X'29F33E91B92873D4CEF1877EF43EC2ED45933B543F7F4250122113AC4A2200AC','pos','2',NULL,'Airport','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 3',NULL,NULL);
INSERT INTO "tickets" VALUES('test',1,2,X'3347865D8360A89016212C3C1A476E796A28EAC111D81346103FC363A67143FF','pos','3',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'void_after_tender',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 4',NULL,NULL);
INSERT INTO "tickets" VALUES('test',2,0,X'25A429AC9ED2E3665244B2CFE8B272B1483D4950F0752BB0A31FEADFCE456567','pos','1',1791277200000000,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1180,'row 2',NULL,NULL);
INSERT INTO "tickets" VALUES('test',3,0,X'790B914E6587034371FDC0771411CF43C6291D0D62975A9E2DEB446B11F687B9','pos','4',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'return',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-400,'row 3',NULL,NULL);
INSERT INTO "tickets" VALUES('test',3,1,X'06751A836505F7B260CD3F04DA00802F08DD99808E20BA3278695D5DAA03AD40','pos','5',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'row 4',NULL,NULL);
INSERT INTO "tickets" VALUES('test',3,2,X'B1E3959965FB89E59AEC7BCE004F0A79101224300F42495EB9965E341792D79B','pos','6',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 5',NULL,NULL);
INSERT INTO "tickets" VALUES('test',3,3,X'D10373E673C75AE73C2E693C7BE6B48A34419384064D932919EB1F344512FFE7','pos','7',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1072,'row 6',NULL,NULL);
INSERT INTO "tickets" VALUES('test',5,0,X'00C2896A9FCDF093BEA64CEE5FDA6623D2E780BBEAC646CDF51C3E893CABC361','pos','1',1791280800000000,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 2',NULL,NULL);
INSERT INTO "tickets" VALUES('test',5,1,X'3697B6C665B887FB85192B1B8F4081A0C255F8BF05C449D4358CECD7322F76C6','pos','8',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,'row 3',NULL,NULL);
INSERT INTO "tickets" VALUES('test',5,2,X'4C8630D487C48873F7B5E779CF17EBE1D06FE0E1AA4408ACF058701E065AF971','pos','9',NULL,'Downtown','1',NULL,'2026-10-05',NULL,1791217800000000,-240,'sale',NULL,NULL,'Ada',NULL,NULL,NULL,'in store','USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,300,'row 4','B-17',1791284400000000);
CREATE UNIQUE INDEX tickets_identity ON tickets (book_id, source, external_id, version);
CREATE UNIQUE INDEX events_identity ON events (book_id, source, external_id, version);
CREATE UNIQUE INDEX reversals_address ON reversals (book_id, seq, n);
CREATE INDEX holds_place ON holds (book_id, document, locator, rule);
CREATE UNIQUE INDEX case_events_subject ON case_events (book_id, subject, number);
COMMIT;
