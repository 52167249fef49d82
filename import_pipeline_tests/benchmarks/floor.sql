-- The floor: what one import of contacts costs at least, written by hand for these eight columns and nothing else.
-- The connection is to the record store itself; the variables `file` and `import_id` are set.

CREATE TEMP TABLE source_rows AS
SELECT
  nullif(trim("External ID"), '') AS external_id,
  nullif(trim("First Name"), '') AS first_name,
  nullif(trim("Last Name"), '') AS last_name,
  nullif(trim("Email"), '') AS email,
  nullif(trim("Phone"), '') AS phone,
  nullif(trim("Company"), '') AS company_name,
  nullif(trim("City"), '') AS city,
  nullif(trim("Notes"), '') AS notes
FROM read_csv(getvariable('file'), all_varchar = true, header = true);

-- One line for each rule that a cell breaks.
CREATE TEMP TABLE defects AS
WITH judged AS (
  SELECT
    rowid + 1 AS row_number,
    email,
    phone,
    strlen(email) > 254
      OR NOT regexp_full_match(
        email, '[A-Za-z0-9_+-]+(?:[.][A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*[.])+[A-Za-z]{2,}'
      ) AS bad_email,
    NOT regexp_full_match(
      phone, '[ (]*[+]?(?:[ ()./-]*[0-9]){3,20}[ ()./-]*(?:(?:x|ext|ext[.]|X|Ext|Ext[.]|EXT) ?[0-9]{1,6})?'
    ) AS bad_phone,
    greatest(
      length(external_id), length(first_name), length(last_name), length(email), length(phone), length(company_name),
      length(city)
    ) > 255 OR length(notes) > 65535 AS too_long
  FROM source_rows
)
SELECT row_number, 'email' AS field, 'invalid_email' AS code, email AS value FROM judged WHERE bad_email
UNION ALL SELECT row_number, 'phone', 'invalid_phone', phone FROM judged WHERE bad_phone
UNION ALL SELECT row_number, NULL, 'too_long', NULL FROM judged WHERE too_long;

-- A phone number compares by its digits; nearly all are written so already.
CREATE TEMP MACRO phone_key(phone) AS CASE
  WHEN regexp_full_match(phone, '[+]?[0-9]{5,20}') THEN phone
  WHEN length(regexp_replace(phone, '[^0-9]', '', 'g')) >= 5
    THEN CASE WHEN phone LIKE '+%' THEN '+' ELSE '' END || regexp_replace(phone, '[^0-9]', '', 'g')
END;

-- The rows that are left, each with the comparable form of its identity.
CREATE TEMP TABLE good AS
SELECT
  rowid + 1 AS row_number,
  *,
  lower(email) AS email_key,
  phone_key(phone) AS phone_key,
  coalesce('x' || external_id, 'e' || lower(email), 'p' || phone_key(phone)) AS identity
FROM source_rows
WHERE rowid + 1 NOT IN (SELECT row_number FROM defects);

-- Repeats in the file: all of them are left out.
CREATE TEMP TABLE repeats AS
SELECT identity FROM good GROUP BY identity HAVING count(*) > 1;

-- The record that each row means: by external id, else by e-mail, else by phone. The whole store is searched each time:
-- an e-mail address that another record has is refused, a shared phone is told.
CREATE TEMP TABLE found AS
SELECT g.row_number, s.id, s.rowid AS place
FROM contacts AS s
JOIN good AS g ON g.external_id = s.external_id
WHERE g.identity NOT IN (SELECT identity FROM repeats);

CREATE TEMP TABLE unfound AS
SELECT row_number, external_id, email_key, phone_key, lower(first_name || ' ' || last_name) AS person
FROM good
WHERE row_number NOT IN (SELECT row_number FROM found) AND identity NOT IN (SELECT identity FROM repeats);

CREATE TEMP TABLE by_email AS
SELECT g.row_number, s.id, s.place, g.external_id <> s.external_id AS is_taken
FROM (SELECT *, rowid AS place FROM contacts) AS s
JOIN unfound AS g ON g.email_key = lower(s.email)
UNION ALL
SELECT g.row_number, s.id, s.place, true
FROM (SELECT id, rowid AS place, email_2 FROM contacts WHERE email_2 IS NOT NULL) AS s
JOIN unfound AS g ON g.email_key = lower(s.email_2);

CREATE TEMP TABLE taken AS SELECT DISTINCT row_number FROM by_email WHERE is_taken;

INSERT INTO found SELECT row_number, id, place FROM by_email WHERE is_taken IS NOT TRUE;

DELETE FROM unfound
WHERE row_number IN (SELECT row_number FROM found UNION ALL SELECT row_number FROM taken);

-- What else is compared is read only of those who have such a number.
CREATE TEMP TABLE phone_holders AS
SELECT place, key
FROM (SELECT rowid AS place, phone_key(phone) AS key FROM contacts)
WHERE key IN (SELECT phone_key FROM unfound);

CREATE TEMP TABLE by_phone AS
SELECT g.row_number, s.id, s.place, coalesce(g.external_id <> s.external_id, false)
  OR coalesce(g.email_key <> lower(s.email), false) OR coalesce(g.person <> s.person, false) AS differs
FROM (
  SELECT id, rowid AS place, external_id, email, lower(first_name || ' ' || last_name) AS person
  FROM contacts
  WHERE rowid IN (SELECT place FROM phone_holders)
) AS s
JOIN phone_holders AS h ON h.place = s.place
JOIN unfound AS g ON g.phone_key = h.key;

CREATE TEMP TABLE warnings AS SELECT DISTINCT row_number, id FROM by_phone WHERE differs;

INSERT INTO found SELECT row_number, id, place FROM by_phone WHERE NOT differs;

-- New rows that share an address or a phone with each other are not all new.
INSERT INTO taken
SELECT row_number FROM unfound WHERE email_key IN (
  SELECT email_key FROM unfound WHERE email_key IS NOT NULL GROUP BY email_key HAVING count(*) > 1
);

CREATE TEMP TABLE shared_phones AS
SELECT phone_key FROM unfound WHERE phone_key IS NOT NULL GROUP BY phone_key HAVING count(*) > 1;

-- Rows that mean several records fail; rows that mean one record together are left out.
CREATE TEMP TABLE ambiguous AS
SELECT row_number FROM found GROUP BY row_number HAVING count(*) > 1;

CREATE TEMP TABLE shared AS
SELECT row_number FROM found WHERE id IN (SELECT id FROM found GROUP BY id HAVING count(*) > 1)
EXCEPT SELECT row_number FROM ambiguous;

DELETE FROM found
WHERE row_number IN (SELECT row_number FROM ambiguous UNION ALL SELECT row_number FROM shared);

-- Each matched record once, as it is before: the history and the after-images are made from this.
CREATE TEMP TABLE before AS
SELECT f.row_number, f.place, s.*
FROM contacts AS s
JOIN found AS f ON f.id = s.id;

CREATE TEMP TABLE after AS
SELECT
  b.* REPLACE (
    coalesce(g.external_id, b.external_id) AS external_id,
    coalesce(g.first_name, b.first_name) AS first_name,
    coalesce(g.last_name, b.last_name) AS last_name,
    coalesce(g.email, b.email) AS email,
    coalesce(g.phone, b.phone) AS phone,
    coalesce(g.company_name, b.company_name) AS company_name,
    coalesce(g.city, b.city) AS city,
    coalesce(g.notes, b.notes) AS notes,
    now()::TIMESTAMP AS updated_at,
    getvariable('import_id') AS updated_by_import
  )
FROM before AS b
JOIN good AS g ON g.row_number = b.row_number
WHERE coalesce(g.external_id, b.external_id) IS DISTINCT FROM b.external_id
  OR coalesce(g.first_name, b.first_name) IS DISTINCT FROM b.first_name
  OR coalesce(g.last_name, b.last_name) IS DISTINCT FROM b.last_name
  OR coalesce(g.email, b.email) IS DISTINCT FROM b.email
  OR coalesce(g.phone, b.phone) IS DISTINCT FROM b.phone
  OR coalesce(g.company_name, b.company_name) IS DISTINCT FROM b.company_name
  OR coalesce(g.city, b.city) IS DISTINCT FROM b.city
  OR coalesce(g.notes, b.notes) IS DISTINCT FROM b.notes;

CREATE TEMP TABLE created AS
SELECT * EXCLUDE (email_key, phone_key, identity), 'rec_' || getvariable('import_id') || '_' || row_number AS id
FROM good
WHERE identity NOT IN (SELECT identity FROM repeats)
  AND row_number NOT IN (
    SELECT row_number FROM found UNION ALL SELECT row_number FROM ambiguous UNION ALL SELECT row_number FROM shared
    UNION ALL SELECT row_number FROM taken
  );

-- All writing is one transaction: before-images, records, the outcome of every row, the mark. An update is a delete and an
-- insert: DuckDB takes six times as long to change scattered rows in place.
BEGIN TRANSACTION;

INSERT INTO contacts_history BY NAME
SELECT b.* EXCLUDE (place), getvariable('import_id') AS import_id, 'updated' AS operation, now()::TIMESTAMP AS changed_at
FROM before AS b
SEMI JOIN after ON after.row_number = b.row_number;

DELETE FROM contacts WHERE rowid IN (SELECT place FROM after);

INSERT INTO contacts BY NAME SELECT * EXCLUDE (row_number, place) FROM after;

INSERT INTO contacts BY NAME
SELECT
  * EXCLUDE (row_number),
  now()::TIMESTAMP AS created_at,
  now()::TIMESTAMP AS updated_at,
  getvariable('import_id') AS created_by_import,
  getvariable('import_id') AS updated_by_import
FROM created;

INSERT INTO row_outcomes BY NAME
SELECT getvariable('import_id') AS import_id, 'contact' AS record_type, *
FROM (
  SELECT row_number, 'created' AS outcome, id AS record_id, NULL AS reason FROM created
  UNION ALL SELECT row_number, 'updated', id, NULL FROM after
  UNION ALL SELECT row_number, 'unchanged', id, NULL FROM before ANTI JOIN after USING (row_number)
  UNION ALL SELECT row_number, 'skipped', NULL, 'duplicate_in_file' FROM good SEMI JOIN repeats USING (identity)
  UNION ALL SELECT row_number, 'skipped', NULL, 'duplicate_in_batch' FROM shared
  UNION ALL SELECT row_number, 'failed', NULL, 'ambiguous_match' FROM ambiguous
  UNION ALL SELECT row_number, 'failed', NULL, 'identifier_taken' FROM taken
  UNION ALL SELECT row_number, 'failed', NULL, min(code) FROM defects GROUP BY row_number
);

INSERT INTO applied_imports BY NAME
SELECT
  (SELECT coalesce(max(sequence), 0) + 1 FROM applied_imports) AS sequence,
  getvariable('import_id') AS import_id,
  'contact' AS record_type,
  'processing' AS phase,
  now()::TIMESTAMP AS applied_at,
  (SELECT count(*) FROM created) AS created,
  (SELECT count(*) FROM after) AS updated,
  0 AS deleted;

COMMIT;

-- What became of each row is given to people: what it changed, and of a failed row its cells.
COPY (
  SELECT
    outcomes.row_number,
    outcomes.record_id,
    outcomes.outcome,
    outcomes.reason,
    CASE WHEN outcome = 'updated' THEN struct_pack(
      external_id := b.external_id, first_name := b.first_name, last_name := b.last_name, email := b.email,
      phone := b.phone, company_name := b.company_name, city := b.city, notes := b.notes
    ) END AS before,
    CASE outcome
      WHEN 'updated' THEN struct_pack(
        external_id := a.external_id, first_name := a.first_name, last_name := a.last_name, email := a.email,
        phone := a.phone, company_name := a.company_name, city := a.city, notes := a.notes
      )
      WHEN 'created' THEN struct_pack(
        external_id := s.external_id, first_name := s.first_name, last_name := s.last_name, email := s.email,
        phone := s.phone, company_name := s.company_name, city := s.city, notes := s.notes
      )
    END AS after,
    CASE WHEN outcome = 'failed' THEN [
      s.external_id, s.first_name, s.last_name, s.email, s.phone, s.company_name, s.city, s.notes
    ] END AS cells
  FROM (SELECT * FROM row_outcomes WHERE import_id = getvariable('import_id')) AS outcomes
  JOIN (SELECT *, rowid + 1 AS row_number FROM source_rows) AS s ON s.row_number = outcomes.row_number
  LEFT JOIN before AS b ON b.row_number = outcomes.row_number
  LEFT JOIN after AS a ON a.row_number = outcomes.row_number
) TO (getvariable('rows_file')) (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 30720, DICTIONARY_SIZE_LIMIT 1000);

COPY defects TO (getvariable('defects_file')) (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
