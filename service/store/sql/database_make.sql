CREATE DATABASE samsnakk OWNER samsnakk_owner;
