"""Signing staff in at the node itself: the hub neither sees it nor can stand in for it.

whose      which organisation a login was made for, and how the register calls the person
waiting    what the node remembers meanwhile, each thing once and for a while
sign_ins   begin, come back, hand out a ticket, redeem it
doors      /sign-in/… for browsers          pages      what people read
providers  the file of providers            development  the invented people of a hub on this machine
"""
