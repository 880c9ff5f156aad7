SELECT max(notification_id) FROM tracking WHERE application_name = $1;
