-- Once, as `postgres`, on whichever machine is the primary.
CREATE ROLE touchstone LOGIN PASSWORD '@TOUCHSTONE_PASSWORD@';
CREATE DATABASE touchstone OWNER touchstone ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8';
