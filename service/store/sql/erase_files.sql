DELETE FROM attachment_pieces p USING file_erasures f WHERE p.channel = f.channel AND p.file = f.file;
