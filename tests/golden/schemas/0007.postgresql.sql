CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.balances (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    account character varying NOT NULL COLLATE pg_catalog."C",
    currency character varying NOT NULL COLLATE pg_catalog."C",
    store character varying NOT NULL COLLATE pg_catalog."C",
    business_date character varying NOT NULL COLLATE pg_catalog."C",
    amount_minor bigint NOT NULL
);
CREATE TABLE public.book_head (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    moved_to character varying COLLATE pg_catalog."C"
);
CREATE TABLE public.case_events (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    subject character varying(64) NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    kind character varying NOT NULL COLLATE pg_catalog."C",
    by character varying NOT NULL COLLATE pg_catalog."C",
    detail character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.commits (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    intake bigint NOT NULL,
    recorded_at bigint NOT NULL,
    records bigint NOT NULL,
    posted bigint NOT NULL,
    duplicates bigint NOT NULL,
    versions bigint NOT NULL,
    quarantined bigint NOT NULL,
    ignored bigint NOT NULL,
    entries bigint NOT NULL,
    last boolean NOT NULL,
    payload bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE public.documents (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    id character varying(64) NOT NULL COLLATE pg_catalog."C",
    name character varying NOT NULL COLLATE pg_catalog."C",
    media_type character varying NOT NULL COLLATE pg_catalog."C",
    size_bytes bigint NOT NULL,
    masked integer NOT NULL,
    received_at bigint NOT NULL
);
CREATE TABLE public.entries (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    kind character varying NOT NULL COLLATE pg_catalog."C",
    store character varying NOT NULL COLLATE pg_catalog."C",
    business_date character varying NOT NULL COLLATE pg_catalog."C",
    currency character varying NOT NULL COLLATE pg_catalog."C",
    seal bytea NOT NULL,
    original_business_date character varying COLLATE pg_catalog."C"
);
CREATE TABLE public.events (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    version bytea NOT NULL,
    source character varying NOT NULL COLLATE pg_catalog."C",
    external_id character varying NOT NULL COLLATE pg_catalog."C",
    version_stamp bigint,
    store character varying NOT NULL COLLATE pg_catalog."C",
    register character varying COLLATE pg_catalog."C",
    cashier character varying COLLATE pg_catalog."C",
    business_date character varying NOT NULL COLLATE pg_catalog."C",
    at bigint,
    utc_offset_minutes bigint,
    kind character varying NOT NULL COLLATE pg_catalog."C",
    currency character varying NOT NULL COLLATE pg_catalog."C",
    opening_float_minor bigint,
    cash_in_minor bigint,
    cash_out_minor bigint,
    expected_minor bigint,
    counted_minor bigint,
    deposited_minor bigint,
    no_sales bigint,
    locator character varying NOT NULL COLLATE pg_catalog."C",
    delivery character varying COLLATE pg_catalog."C"
);
CREATE TABLE public.exports (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    at bigint NOT NULL,
    format character varying NOT NULL COLLATE pg_catalog."C",
    detail character varying NOT NULL COLLATE pg_catalog."C",
    first_date character varying COLLATE pg_catalog."C",
    last_date character varying COLLATE pg_catalog."C",
    stores character varying COLLATE pg_catalog."C",
    currency character varying COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    entries bigint NOT NULL,
    sha256 bytea NOT NULL
);
CREATE TABLE public.holds (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    disposition character varying NOT NULL COLLATE pg_catalog."C",
    rule character varying NOT NULL COLLATE pg_catalog."C",
    reason character varying NOT NULL COLLATE pg_catalog."C",
    document character varying(64) NOT NULL COLLATE pg_catalog."C",
    locator character varying NOT NULL COLLATE pg_catalog."C",
    source character varying NOT NULL COLLATE pg_catalog."C",
    external_id character varying COLLATE pg_catalog."C",
    store character varying COLLATE pg_catalog."C",
    business_date character varying COLLATE pg_catalog."C",
    amount_minor bigint
);
CREATE TABLE public.intakes (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    document character varying(64) NOT NULL COLLATE pg_catalog."C",
    source character varying NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
CREATE TABLE public.lines (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    number bigint NOT NULL,
    kind character varying NOT NULL COLLATE pg_catalog."C",
    item_id character varying COLLATE pg_catalog."C",
    name character varying COLLATE pg_catalog."C",
    category character varying COLLATE pg_catalog."C",
    quantity_micro bigint,
    list_price_minor bigint,
    unit_price_minor bigint,
    gross_minor bigint,
    discount_minor bigint,
    discount_code character varying COLLATE pg_catalog."C",
    override_reason character varying COLLATE pg_catalog."C",
    voided boolean,
    net_minor bigint,
    tax_minor bigint,
    cost_minor bigint,
    locator character varying NOT NULL COLLATE pg_catalog."C",
    discount_kind character varying COLLATE pg_catalog."C"
);
CREATE TABLE public.periods (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    start_date character varying NOT NULL COLLATE pg_catalog."C",
    end_date character varying NOT NULL COLLATE pg_catalog."C",
    state character varying NOT NULL COLLATE pg_catalog."C",
    by character varying NOT NULL COLLATE pg_catalog."C",
    reason character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.postings (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    number bigint NOT NULL,
    account character varying NOT NULL COLLATE pg_catalog."C",
    amount_minor bigint NOT NULL
);
CREATE TABLE public.reversals (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    reverses_seq bigint NOT NULL,
    reverses_n bigint NOT NULL,
    seq bigint NOT NULL,
    n bigint NOT NULL
);
CREATE TABLE public.taxes (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    number bigint NOT NULL,
    line bigint,
    jurisdiction character varying COLLATE pg_catalog."C",
    rate_micro bigint,
    base_minor bigint,
    amount_minor bigint,
    included boolean,
    facilitator boolean
);
CREATE TABLE public.tenders (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    number bigint NOT NULL,
    type character varying COLLATE pg_catalog."C",
    brand character varying COLLATE pg_catalog."C",
    amount_minor bigint,
    change_minor bigint,
    tip_minor bigint,
    token character varying COLLATE pg_catalog."C",
    entry_method character varying COLLATE pg_catalog."C",
    authorisation character varying COLLATE pg_catalog."C",
    fee_minor bigint,
    rounding_minor bigint,
    locator character varying NOT NULL COLLATE pg_catalog."C",
    foreign_currency character varying COLLATE pg_catalog."C",
    foreign_amount character varying COLLATE pg_catalog."C",
    exchange_rate character varying COLLATE pg_catalog."C"
);
CREATE TABLE public.tickets (
    book_id character varying(32) NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    n bigint NOT NULL,
    version bytea NOT NULL,
    source character varying NOT NULL COLLATE pg_catalog."C",
    external_id character varying NOT NULL COLLATE pg_catalog."C",
    version_stamp bigint,
    store character varying NOT NULL COLLATE pg_catalog."C",
    register character varying COLLATE pg_catalog."C",
    sequence bigint,
    business_date character varying NOT NULL COLLATE pg_catalog."C",
    opened_at bigint,
    closed_at bigint,
    utc_offset_minutes bigint,
    kind character varying NOT NULL COLLATE pg_catalog."C",
    original_external_id character varying COLLATE pg_catalog."C",
    receipt_present boolean,
    cashier character varying COLLATE pg_catalog."C",
    approver character varying COLLATE pg_catalog."C",
    customer character varying COLLATE pg_catalog."C",
    guests bigint,
    channel character varying COLLATE pg_catalog."C",
    currency character varying NOT NULL COLLATE pg_catalog."C",
    memo character varying COLLATE pg_catalog."C",
    gross_minor bigint,
    discount_minor bigint,
    net_minor bigint,
    tax_minor bigint,
    tip_minor bigint,
    service_charge_minor bigint,
    rounding_minor bigint,
    total_minor bigint,
    locator character varying NOT NULL COLLATE pg_catalog."C",
    delivery character varying COLLATE pg_catalog."C",
    received_at bigint
);
INSERT INTO public.alembic_version VALUES ('0007');
INSERT INTO public.balances VALUES ('test', 'assets:cash', 'USD', 'Airport', '2026-10-05', 1000);
INSERT INTO public.balances VALUES ('test', 'income:sales', 'USD', 'Airport', '2026-10-05', -1000);
INSERT INTO public.balances VALUES ('test', 'assets:inventory', 'USD', 'Downtown', '2026-10-05', 0);
INSERT INTO public.balances VALUES ('test', 'expenses:cogs', 'USD', 'Downtown', '2026-10-05', 0);
INSERT INTO public.balances VALUES ('test', 'expenses:over-short', 'USD', 'Downtown', '2026-10-05', 5);
INSERT INTO public.balances VALUES ('test', 'income:discounts', 'USD', 'Downtown', '2026-10-05', 0);
INSERT INTO public.balances VALUES ('test', 'income:fees', 'USD', 'Downtown', '2026-10-05', 0);
INSERT INTO public.balances VALUES ('test', 'liabilities:tax:state', 'USD', 'Downtown', '2026-10-05', -80);
INSERT INTO public.balances VALUES ('test', 'liabilities:tips', 'USD', 'Downtown', '2026-10-05', 0);
INSERT INTO public.balances VALUES ('test', 'assets:cash', 'USD', 'Downtown', '2026-10-05', 995);
INSERT INTO public.balances VALUES ('test', 'assets:clearing:card', 'USD', 'Downtown', '2026-10-05', 1852);
INSERT INTO public.balances VALUES ('test', 'assets:clearing:marketplace-tax', 'USD', 'Downtown', '2026-10-05', -72);
INSERT INTO public.balances VALUES ('test', 'income:comps', 'USD', 'Downtown', '2026-10-05', 1000);
INSERT INTO public.balances VALUES ('test', 'income:returns', 'USD', 'Downtown', '2026-10-05', 400);
INSERT INTO public.balances VALUES ('test', 'income:sales', 'USD', 'Downtown', '2026-10-05', -4100);
INSERT INTO public.balances VALUES ('test', 'assets:clearing:card', 'USD', 'Downtown', '2026-10-06', 1120);
INSERT INTO public.balances VALUES ('test', 'income:sales', 'USD', 'Downtown', '2026-10-06', -1200);
INSERT INTO public.balances VALUES ('test', 'liabilities:tax:state', 'USD', 'Downtown', '2026-10-06', 80);
INSERT INTO public.book_head VALUES ('test', 8, '\x57f057fdb174256b74484329886f94952b655868ecd82f1272affa9c91ae44ff', NULL);
INSERT INTO public.case_events VALUES ('test', 6, 0, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 1, 'opened', 'Tillproof', '{"store":"Downtown","person":"Grace","family":"refunds","about":null,"first":"2026-09-28","last":"2026-10-25","follows":null}');
INSERT INTO public.case_events VALUES ('test', 6, 1, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 2, 'flag_added', 'Tillproof', '{"flag":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","person":"Grace","facts":"{\"kind\":\"refund_no_receipt_cash\"}"}');
INSERT INTO public.case_events VALUES ('test', 6, 2, 'e195478e77522464914d32825dbfdb0930109800e9c87f1b4d7e68e8c64b13c6', 1, 'opened', 'Tillproof', '{"store":"Downtown","person":null,"family":"refunds","about":"sequence_gap","first":"2026-09-28","last":"2026-10-25","follows":"86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399"}');
INSERT INTO public.case_events VALUES ('test', 7, 0, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 3, 'assigned', 'Ada', '{"to":"Ada"}');
INSERT INTO public.case_events VALUES ('test', 7, 1, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 4, 'commented', 'Ada', '{"text":"Café; ''quoted''"}');
INSERT INTO public.case_events VALUES ('test', 7, 2, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 5, 'attached', 'Ada', '{"document":"19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278","name":"0.csv"}');
INSERT INTO public.case_events VALUES ('test', 7, 3, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 6, 'stepped', 'Ada', '{"state":"waiting","reason":"asked the store"}');
INSERT INTO public.case_events VALUES ('test', 7, 4, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 7, 'verdict', 'Ada', '{"outcome":"loss","reason":"no receipt was found"}');
INSERT INTO public.case_events VALUES ('test', 7, 5, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 8, 'stepped', 'Ada', '{"state":"reopened","reason":"the receipt turned up"}');
INSERT INTO public.case_events VALUES ('test', 7, 6, '86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399', 9, 'flag_gone', 'Ada', '{"flag":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}');
INSERT INTO public.case_events VALUES ('test', 8, 0, 'd1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424', 1, 'suppressed', 'Ada', '{"family":"voids","kind":null,"store":"Downtown","person":null,"register":"1","until":"2026-12-31","owner":"Ada","reason":"training week","score":0.4,"case":"86be2b31ef5760f477624b813924697fecf1380c3f9ec8628cd579c4962c0399"}');
INSERT INTO public.case_events VALUES ('test', 8, 1, 'd1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424', 2, 'flag_suppressed', 'Tillproof', '{"flag":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","facts":"{}"}');
INSERT INTO public.case_events VALUES ('test', 8, 2, 'd1a28eeaf1c0e76a147deafd83a6452cbc4d0e8f1d6e874408ce8a0920937424', 3, 'suppression_ended', 'Ada', '{"reason":"training is over"}');
INSERT INTO public.case_events VALUES ('test', 8, 3, 'weights', 1, 'weights_adopted', 'Ada', '{"upto":5,"confirmed":1,"dismissed":0,"weights":[["refund_no_receipt_cash",0.5455]],"coefficients":[],"reason":"the first verdicts"}');
INSERT INTO public.case_events VALUES ('test', 8, 4, 'weights', 2, 'weights_reverted', 'Ada', '{"reason":"too early"}');
INSERT INTO public.case_events VALUES ('test', 8, 5, '92158c5f0cd26b74462616fa2a41a089e91914af04a77cfe4e70b93122d9355e', 1, 'sample_drawn', 'Ada', '{"first":"2026-10-05","last":"2026-10-11","unflagged":40,"drawn":2}');
INSERT INTO public.commits VALUES ('test', 1, 1, 1793534400000000, 5, 4, 0, 0, 1, 0, 4, true, '\xdeded9630dee8a68d50cf0f6a9a4b9d6f85fec747a876ec2cc075948bced9e61', '\x0000000000000000000000000000000000000000000000000000000000000000', '\xb76ba2eae95cf6ee40a8dc94e51c503a2466dbc1f6237c811769145c23a0560b');
INSERT INTO public.commits VALUES ('test', 2, 2, 1793620800000000, 2, 0, 0, 2, 0, 0, 4, true, '\x169ea70b0c687d7f10f9426931b0a1db4fc5fc72c153f6c38343373bdf6bd638', '\xb76ba2eae95cf6ee40a8dc94e51c503a2466dbc1f6237c811769145c23a0560b', '\x49d2e4489660ea7ae71e1c22d2a948c5e04cfbcc9e154cd4df91d3fc69476dc2');
INSERT INTO public.commits VALUES ('test', 3, 3, 1793707200000000, 5, 4, 1, 0, 0, 0, 4, true, '\xbc4b1d83b0bbf8afacf6ada88d44bdaf88df9126189735b81548e59b31f458be', '\x49d2e4489660ea7ae71e1c22d2a948c5e04cfbcc9e154cd4df91d3fc69476dc2', '\xf5eaefdcb73ebf3acc939674463c9e473b36e8f2282d030be9d2244a3d5c4116');
INSERT INTO public.commits VALUES ('test', 4, 0, 1793880000000000, 0, 0, 0, 0, 0, 0, 0, true, '\xc743752a36ad25648c76c7de43066ec99520f778b4837d2270961ebbc9677aca', '\xf5eaefdcb73ebf3acc939674463c9e473b36e8f2282d030be9d2244a3d5c4116', '\xceb313548fde1082139d1ad065e7f9b4d35aa75cd50d0c45c7060bb23dcfbd9a');
INSERT INTO public.commits VALUES ('test', 5, 4, 1793880000000000, 3, 2, 0, 1, 0, 0, 4, true, '\xc74de15a36e432c004587565774c7ff3c8347368c8b97171cbf7d3cc6c30a114', '\xceb313548fde1082139d1ad065e7f9b4d35aa75cd50d0c45c7060bb23dcfbd9a', '\x02542b99292e8821441dc1d88aa804b8fb5b95f4327d41ab67fa1347ec3421ab');
INSERT INTO public.commits VALUES ('test', 6, 0, 1793966400000000, 0, 0, 0, 0, 0, 0, 0, true, '\x7e4f9a59ebc69e5357bfb69106fdeb94379e6b93adfa061df9576e795fd603b6', '\x02542b99292e8821441dc1d88aa804b8fb5b95f4327d41ab67fa1347ec3421ab', '\x1ed470b2dedf58645f4b01b8141facd94b067f05e62900de781d6c3fdb35fb5f');
INSERT INTO public.commits VALUES ('test', 7, 0, 1793970000000000, 0, 0, 0, 0, 0, 0, 0, true, '\xe57048e76cb8792d30a2053240358ceb5266e06303d10007bbda45ade7b14656', '\x1ed470b2dedf58645f4b01b8141facd94b067f05e62900de781d6c3fdb35fb5f', '\xabde468970599553e372847b036503e5be89c95d0e052026aeaddee947b9868a');
INSERT INTO public.commits VALUES ('test', 8, 0, 1793973600000000, 0, 0, 0, 0, 0, 0, 0, true, '\x16d1f6c67e11cbcf2461acfcf2a70aa28ad065782a523698ca5a282778846421', '\xabde468970599553e372847b036503e5be89c95d0e052026aeaddee947b9868a', '\x57f057fdb174256b74484329886f94952b655868ecd82f1272affa9c91ae44ff');
INSERT INTO public.documents VALUES ('test', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'export.csv', 'text/csv', 0, 0, 1793534400000000);
INSERT INTO public.documents VALUES ('test', '19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278', '0.csv', 'text/csv', 10, 0, 1793534400000000);
INSERT INTO public.documents VALUES ('test', 'caa0c419ed4b5d7628d1ce29a28ca67850f779c4d929febffc192a514f1e186e', '1.csv', 'text/csv', 10, 0, 1793534400000000);
INSERT INTO public.documents VALUES ('test', '7a89f07afb4d1b977149fc8b7f2a180057b5e742d5d31d5339a2b3ec23427d26', '2.csv', 'text/csv', 10, 0, 1793534400000000);
INSERT INTO public.entries VALUES ('test', 1, 0, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x60fc194bfde2fc0f2f79711bb596b2d929d30979907748803f61c36708a71344', NULL);
INSERT INTO public.entries VALUES ('test', 1, 1, 'ticket', 'Airport', '2026-10-05', 'USD', '\x4a850890dff9c432dcb8cb47846d639da9418750aaec43cf74f377537b587a38', NULL);
INSERT INTO public.entries VALUES ('test', 1, 2, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x89c848332657fa11c196e3221edbb22fbd413ff84da70a18a7240005cd8f5421', NULL);
INSERT INTO public.entries VALUES ('test', 1, 3, 'event', 'Downtown', '2026-10-05', 'USD', '\x811159432acb43720d5bfb6a9a10c80737a6ff51561f669dc5f7fd1fded136bc', NULL);
INSERT INTO public.entries VALUES ('test', 2, 0, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x288f4754386db93c0f7db8e0ed814f0aaeab2bdcbd3ed2a77aeaba8b162a46ad', NULL);
INSERT INTO public.entries VALUES ('test', 2, 1, 'event', 'Downtown', '2026-10-05', 'USD', '\xb8a4598751ce2deefcfca9f45f39d239dd7b671f08b08e27c62e7fb6f83329f8', NULL);
INSERT INTO public.entries VALUES ('test', 2, 2, 'reversal', 'Downtown', '2026-10-05', 'USD', '\xd46ad1cb355a8e21e161ece69a248f5dc6f47b550b6411a3f59d0c777553ae0a', NULL);
INSERT INTO public.entries VALUES ('test', 2, 3, 'reversal', 'Downtown', '2026-10-05', 'USD', '\x7ad63cddb2bdada7d27becfe4da5abfc125d96ff281a072e65e76ba5ae728b0f', NULL);
INSERT INTO public.entries VALUES ('test', 3, 0, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x9bdab0041fa493a9d9e227bbc55abac89305b4993b58b6af0af8993386255ef1', NULL);
INSERT INTO public.entries VALUES ('test', 3, 1, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x8fc17fa538c61a3eead6a651233fb31cf0c9911c9f827b16975136f1b8ba2572', NULL);
INSERT INTO public.entries VALUES ('test', 3, 2, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x9c0701b7f2beac3659820139532df895d52aa5de5f72e041c02e6ebd21558ea9', NULL);
INSERT INTO public.entries VALUES ('test', 3, 3, 'ticket', 'Downtown', '2026-10-05', 'USD', '\x17d45d22715c3c4a1312363c9de639eed25c51b1813577d9769bf316d162d0ba', NULL);
INSERT INTO public.entries VALUES ('test', 5, 0, 'ticket', 'Downtown', '2026-10-06', 'USD', '\x9e4bb7ab24cd280e952440dfaf065b634c0521b2518b4d728bee05ce09c6458a', '2026-10-05');
INSERT INTO public.entries VALUES ('test', 5, 1, 'ticket', 'Downtown', '2026-10-06', 'USD', '\x1d34af297198908f3b73a3faa3d184ae3a0c3e6a2cdcfda0f3f6bbeab88b2f87', '2026-10-05');
INSERT INTO public.entries VALUES ('test', 5, 2, 'ticket', 'Downtown', '2026-10-06', 'USD', '\x6134477b6e9f41f52e9bdfe3508a589aebc91feab726605515b0506fc20c4c86', '2026-10-05');
INSERT INTO public.entries VALUES ('test', 5, 3, 'reversal', 'Downtown', '2026-10-06', 'USD', '\x2593af8106fe7bf0e98508dd327c3bbabba5d63deff300a3182b3a394940e0f8', '2026-10-05');
INSERT INTO public.events VALUES ('test', 1, 3, '\x6f95734e1eb8adcecb6b4a2e3c3edbcab7b907bcdd9206aee39702208374e27c', 'pos', 'c', 1791273600000000, 'Downtown', '1', NULL, '2026-10-05', NULL, NULL, 'count', 'USD', NULL, NULL, NULL, 1000, 990, NULL, NULL, 'row 2', NULL);
INSERT INTO public.events VALUES ('test', 2, 1, '\x0d4bb7e74801c43812aa0bb392c5ae3d3e1fa37951a4a39c943328d20df0d753', 'pos', 'c', 1791277200000000, 'Downtown', '1', NULL, '2026-10-05', NULL, NULL, 'count', 'USD', NULL, NULL, NULL, 1000, 995, NULL, NULL, 'row 2', NULL);
INSERT INTO public.exports VALUES ('test', 1, 1793793600000000, 'xero', 'daily', NULL, '2026-10-05', NULL, NULL, 3, 2, '\x220b294bd5a359ba51ac43c8d5e578b803ff307447b95313a6ec26d4cd2e1010');
INSERT INTO public.holds VALUES ('test', 1, 4, 'quarantined', 'a-rule', 'a reason', '19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278', 'row 9', 'pos', 'H1', 'Downtown', '2026-10-05', 5);
INSERT INTO public.intakes VALUES ('test', 1, '19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278', 'pos', 1793534400000000);
INSERT INTO public.intakes VALUES ('test', 2, 'caa0c419ed4b5d7628d1ce29a28ca67850f779c4d929febffc192a514f1e186e', 'pos', 1793620800000000);
INSERT INTO public.intakes VALUES ('test', 3, '7a89f07afb4d1b977149fc8b7f2a180057b5e742d5d31d5339a2b3ec23427d26', 'pos', 1793707200000000);
INSERT INTO public.intakes VALUES ('test', 4, '19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278', 'pos', 1793880000000000);
INSERT INTO public.lines VALUES ('test', 1, 0, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 100, NULL, NULL, false, 900, 72, 300, 'row 2', NULL);
INSERT INTO public.lines VALUES ('test', 1, 0, 2, 'fee', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 250, 0, NULL, NULL, false, 250, NULL, NULL, 'row 2', NULL);
INSERT INTO public.lines VALUES ('test', 1, 1, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 3', NULL);
INSERT INTO public.lines VALUES ('test', 1, 2, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 4', NULL);
INSERT INTO public.lines VALUES ('test', 2, 0, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1100, 0, NULL, NULL, false, 1100, NULL, NULL, 'row 2', NULL);
INSERT INTO public.lines VALUES ('test', 3, 0, 1, 'item', 'A1', 'Apple pie', 'Food', -1000000, NULL, NULL, -400, 0, NULL, NULL, false, -400, NULL, NULL, 'row 3', NULL);
INSERT INTO public.lines VALUES ('test', 3, 1, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 1000, NULL, NULL, false, 0, NULL, NULL, 'row 4', 'comp');
INSERT INTO public.lines VALUES ('test', 3, 2, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 5', NULL);
INSERT INTO public.lines VALUES ('test', 3, 3, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 6', NULL);
INSERT INTO public.lines VALUES ('test', 5, 0, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 2', NULL);
INSERT INTO public.lines VALUES ('test', 5, 1, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 1000, 0, NULL, NULL, false, 1000, NULL, NULL, 'row 3', NULL);
INSERT INTO public.lines VALUES ('test', 5, 2, 1, 'item', 'A1', 'Apple pie', 'Food', 1000000, NULL, NULL, 300, 0, NULL, NULL, false, 300, NULL, NULL, 'row 4', NULL);
INSERT INTO public.periods VALUES ('test', 4, '0001-01-01', '2026-10-05', 'locked', 'Ada', 'October is filed');
INSERT INTO public.postings VALUES ('test', 1, 0, 1, 'assets:clearing:card', 1322);
INSERT INTO public.postings VALUES ('test', 1, 0, 2, 'assets:inventory', -300);
INSERT INTO public.postings VALUES ('test', 1, 0, 3, 'expenses:cogs', 300);
INSERT INTO public.postings VALUES ('test', 1, 0, 4, 'income:discounts', 100);
INSERT INTO public.postings VALUES ('test', 1, 0, 5, 'income:fees', -250);
INSERT INTO public.postings VALUES ('test', 1, 0, 6, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 1, 0, 7, 'liabilities:tax:state', -72);
INSERT INTO public.postings VALUES ('test', 1, 0, 8, 'liabilities:tips', -100);
INSERT INTO public.postings VALUES ('test', 1, 1, 1, 'assets:cash', 1000);
INSERT INTO public.postings VALUES ('test', 1, 1, 2, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 1, 3, 1, 'assets:cash', -10);
INSERT INTO public.postings VALUES ('test', 1, 3, 2, 'expenses:over-short', 10);
INSERT INTO public.postings VALUES ('test', 2, 0, 1, 'assets:clearing:card', 1180);
INSERT INTO public.postings VALUES ('test', 2, 0, 2, 'income:sales', -1100);
INSERT INTO public.postings VALUES ('test', 2, 0, 3, 'liabilities:tax:state', -80);
INSERT INTO public.postings VALUES ('test', 2, 1, 1, 'assets:cash', -5);
INSERT INTO public.postings VALUES ('test', 2, 1, 2, 'expenses:over-short', 5);
INSERT INTO public.postings VALUES ('test', 2, 2, 1, 'assets:clearing:card', -1322);
INSERT INTO public.postings VALUES ('test', 2, 2, 2, 'assets:inventory', 300);
INSERT INTO public.postings VALUES ('test', 2, 2, 3, 'expenses:cogs', -300);
INSERT INTO public.postings VALUES ('test', 2, 2, 4, 'income:discounts', -100);
INSERT INTO public.postings VALUES ('test', 2, 2, 5, 'income:fees', 250);
INSERT INTO public.postings VALUES ('test', 2, 2, 6, 'income:sales', 1000);
INSERT INTO public.postings VALUES ('test', 2, 2, 7, 'liabilities:tax:state', 72);
INSERT INTO public.postings VALUES ('test', 2, 2, 8, 'liabilities:tips', 100);
INSERT INTO public.postings VALUES ('test', 2, 3, 1, 'assets:cash', 10);
INSERT INTO public.postings VALUES ('test', 2, 3, 2, 'expenses:over-short', -10);
INSERT INTO public.postings VALUES ('test', 3, 0, 1, 'assets:clearing:card', -400);
INSERT INTO public.postings VALUES ('test', 3, 0, 2, 'income:returns', 400);
INSERT INTO public.postings VALUES ('test', 3, 1, 1, 'income:comps', 1000);
INSERT INTO public.postings VALUES ('test', 3, 1, 2, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 3, 2, 1, 'assets:cash', 1000);
INSERT INTO public.postings VALUES ('test', 3, 2, 2, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 3, 3, 1, 'assets:clearing:card', 1072);
INSERT INTO public.postings VALUES ('test', 3, 3, 2, 'assets:clearing:marketplace-tax', -72);
INSERT INTO public.postings VALUES ('test', 3, 3, 3, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 5, 0, 1, 'assets:clearing:card', 1000);
INSERT INTO public.postings VALUES ('test', 5, 0, 2, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 5, 1, 1, 'assets:clearing:card', 1000);
INSERT INTO public.postings VALUES ('test', 5, 1, 2, 'income:sales', -1000);
INSERT INTO public.postings VALUES ('test', 5, 2, 1, 'assets:clearing:card', 300);
INSERT INTO public.postings VALUES ('test', 5, 2, 2, 'income:sales', -300);
INSERT INTO public.postings VALUES ('test', 5, 3, 1, 'assets:clearing:card', -1180);
INSERT INTO public.postings VALUES ('test', 5, 3, 2, 'income:sales', 1100);
INSERT INTO public.postings VALUES ('test', 5, 3, 3, 'liabilities:tax:state', 80);
INSERT INTO public.reversals VALUES ('test', 1, 0, 2, 2);
INSERT INTO public.reversals VALUES ('test', 1, 3, 2, 3);
INSERT INTO public.reversals VALUES ('test', 2, 0, 5, 3);
INSERT INTO public.taxes VALUES ('test', 1, 0, 1, NULL, 'State', NULL, NULL, 72, false, NULL);
INSERT INTO public.taxes VALUES ('test', 2, 0, 1, NULL, 'State', NULL, NULL, 80, false, NULL);
INSERT INTO public.taxes VALUES ('test', 3, 3, 1, NULL, 'State', NULL, NULL, 72, false, true);
INSERT INTO public.tenders VALUES ('test', 1, 0, 1, 'card', NULL, 1322, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 2', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 1, 1, 1, 'cash', NULL, 2000, 1000, NULL, NULL, NULL, NULL, NULL, NULL, 'row 3', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 2, 0, 1, 'card', NULL, 1180, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 2', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 3, 0, 1, 'card', NULL, -400, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 3', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 3, 1, 1, 'card', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 4', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 3, 2, 1, 'cash', NULL, 2000, 1000, NULL, NULL, NULL, NULL, NULL, NULL, 'row 5', 'EUR', '18.00', '1.1111');
INSERT INTO public.tenders VALUES ('test', 3, 3, 1, 'card', NULL, 1072, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 6', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 5, 0, 1, 'card', NULL, 1000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 2', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 5, 1, 1, 'card', NULL, 1000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 3', NULL, NULL, NULL);
INSERT INTO public.tenders VALUES ('test', 5, 2, 1, 'card', NULL, 300, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'row 4', NULL, NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 1, 0, '\x42cab4403bf17cb20df470474a9b34c45d0c9d95a9024ce089281de5e49cfb88', 'pos', '1', 1791273600000000, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', 'Café; ''quoted''', NULL, NULL, NULL, NULL, 100, NULL, NULL, 1322, 'row 2', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 1, 1, '\x29f33e91b92873d4cef1877ef43ec2ed45933b543f7f4250122113ac4a2200ac', 'pos', '2', NULL, 'Airport', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 'row 3', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 1, 2, '\x3347865d8360a89016212c3c1a476e796a28eac111d81346103fc363a67143ff', 'pos', '3', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'void_after_tender', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 'row 4', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 2, 0, '\x25a429ac9ed2e3665244b2cfe8b272b1483d4950f0752bb0a31feadfce456567', 'pos', '1', 1791277200000000, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1180, 'row 2', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 3, 0, '\x790b914e6587034371fdc0771411cf43c6291d0d62975a9e2deb446b11f687b9', 'pos', '4', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'return', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -400, 'row 3', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 3, 1, '\x06751a836505f7b260cd3f04da00802f08dd99808e20ba3278695d5daa03ad40', 'pos', '5', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 'row 4', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 3, 2, '\xb1e3959965fb89e59aec7bce004f0a79101224300f42495eb9965e341792d79b', 'pos', '6', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 'row 5', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 3, 3, '\xd10373e673c75ae73c2e693c7be6b48a34419384064d932919eb1f344512ffe7', 'pos', '7', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1072, 'row 6', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 5, 0, '\x00c2896a9fcdf093bea64cee5fda6623d2e780bbeac646cdf51c3e893cabc361', 'pos', '1', 1791280800000000, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 'row 2', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 5, 1, '\x3697b6c665b887fb85192b1b8f4081a0c255f8bf05c449d4358cecd7322f76c6', 'pos', '8', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 'row 3', NULL, NULL);
INSERT INTO public.tickets VALUES ('test', 5, 2, '\x4c8630d487c48873f7b5e779cf17ebe1d06fe0e1aa4408acf058701e065af971', 'pos', '9', NULL, 'Downtown', '1', NULL, '2026-10-05', NULL, 1791217800000000, -240, 'sale', NULL, NULL, 'Ada', NULL, NULL, NULL, 'in store', 'USD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 300, 'row 4', 'B-17', 1791284400000000);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (book_id, account, currency, store, business_date);
ALTER TABLE ONLY public.book_head
    ADD CONSTRAINT book_head_pkey PRIMARY KEY (book_id);
ALTER TABLE ONLY public.case_events
    ADD CONSTRAINT case_events_pkey PRIMARY KEY (book_id, seq, n);
ALTER TABLE ONLY public.commits
    ADD CONSTRAINT commits_pkey PRIMARY KEY (book_id, seq);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (book_id, id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (book_id, seq, n);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (book_id, seq, n);
ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (book_id, number);
ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (book_id, seq, n);
ALTER TABLE ONLY public.intakes
    ADD CONSTRAINT intakes_pkey PRIMARY KEY (book_id, number);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_pkey PRIMARY KEY (book_id, seq, n, number);
ALTER TABLE ONLY public.periods
    ADD CONSTRAINT periods_pkey PRIMARY KEY (book_id, seq);
ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_pkey PRIMARY KEY (book_id, seq, n, number);
ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_pkey PRIMARY KEY (book_id, reverses_seq, reverses_n);
ALTER TABLE ONLY public.taxes
    ADD CONSTRAINT taxes_pkey PRIMARY KEY (book_id, seq, n, number);
ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_pkey PRIMARY KEY (book_id, seq, n, number);
ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (book_id, seq, n);
CREATE UNIQUE INDEX case_events_subject ON public.case_events USING btree (book_id, subject, number);
CREATE UNIQUE INDEX events_identity ON public.events USING btree (book_id, source, external_id, version);
CREATE INDEX holds_place ON public.holds USING btree (book_id, document, locator, rule);
CREATE UNIQUE INDEX reversals_address ON public.reversals USING btree (book_id, seq, n);
CREATE UNIQUE INDEX tickets_identity ON public.tickets USING btree (book_id, source, external_id, version);
