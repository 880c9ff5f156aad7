UPDATE passkeys SET sign_count = $2, used_at = $3
WHERE id = $1 AND NOT suspended AND ($2 > sign_count OR ($2 = 0 AND sign_count = 0))
RETURNING id;
