SELECT k.person FROM keyrings k
WHERE k.locators @> ARRAY[$1::bytea]
  AND k.generation = (SELECT max(n.generation) FROM keyrings n WHERE n.person = k.person);
